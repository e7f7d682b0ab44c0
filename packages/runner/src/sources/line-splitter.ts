const lineFeed = 0x0a;

/** Of a line that is too long, this much is kept to be looked at. */
export const keptOfLongLine: number = 64 * 1024;

/** One line of the input. */
export interface Line {
  /** Without the line feed; the beginning only where the line was too long. Valid during the call only. */
  readonly content: Buffer;
  /** Bytes of the whole line, without the line feed. */
  readonly length: number;
  readonly tooLong: boolean;
  /** Where the next line begins, in bytes from where the splitter began. */
  readonly end: number;
}

/** Cuts bytes into lines, however the bytes were cut before. Holds at most one line of `maxLineBytes`. */
export interface LineSplitter {
  /** Hands on every line that ends in the chunk. The chunk may be reused afterwards. */
  push(chunk: Buffer): void;
  /** Hands on what is left after the last line feed, as a line. */
  end(): void;
  /** What is left after the last line feed; undefined where nothing is. */
  readonly rest: Pick<Line, "content" | "tooLong"> | undefined;
}

/** Makes a {@link LineSplitter}. */
export function createLineSplitter(maxLineBytes: number, take: (line: Line) => void): LineSplitter {
  let parts: Buffer[] = [];
  let kept = 0;
  let length = 0;
  let position = 0;

  function keep(part: Buffer): void {
    length += part.length;
    position += part.length;
    const room = length > maxLineBytes ? keptOfLongLine - kept : part.length;
    if (room > 0) {
      const copy = Buffer.from(part.subarray(0, room));
      parts.push(copy);
      kept += copy.length;
    }
    if (length > maxLineBytes && kept > keptOfLongLine) {
      parts = [Buffer.concat(parts).subarray(0, keptOfLongLine)];
      kept = keptOfLongLine;
    }
  }

  function emit(content: Buffer): void {
    const tooLong = length > maxLineBytes;
    take({ content: tooLong ? content.subarray(0, keptOfLongLine) : content, length, tooLong, end: position });
    parts = [];
    kept = 0;
    length = 0;
  }

  return {
    push(chunk) {
      let start = 0;
      for (;;) {
        const end = chunk.indexOf(lineFeed, start);
        if (end < 0) break;
        const rest = chunk.subarray(start, end);
        start = end + 1;
        if (length === 0) {
          length = rest.length;
          position += rest.length + 1;
          emit(rest);
        } else {
          keep(rest);
          position++;
          emit(Buffer.concat(parts));
        }
      }
      if (start < chunk.length) keep(chunk.subarray(start));
    },
    end() {
      if (length > 0) emit(Buffer.concat(parts));
    },
    get rest() {
      return length === 0 ? undefined : { content: Buffer.concat(parts), tooLong: length > maxLineBytes };
    },
  };
}
