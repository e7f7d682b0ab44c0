/** Cuts chunks of bytes into lines. */
export interface LineSplitter {
  push(chunk: Uint8Array): void;
  /** What stands after the last LF: 0 bytes where the text ended as it should. */
  end(): Uint8Array;
}

/**
 * Calls `onLine` for each line, without its LF, as soon as it is whole. Views are valid during the call only.
 * @throws RangeError where a line has more than `maxBytes`
 */
export function createLineSplitter(maxBytes: number, onLine: (line: Uint8Array) => void): LineSplitter {
  let parts: Uint8Array[] = [];
  let held = 0;

  function hold(part: Uint8Array): void {
    held += part.length;
    if (held > maxBytes) throw new RangeError(`a line has more than ${maxBytes} bytes`);
    if (part.length > 0) parts.push(part);
  }

  return {
    push(chunk) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        const part = chunk.subarray(start, end);
        start = end + 1;
        if (held === 0 && part.length <= maxBytes) {
          onLine(part);
          continue;
        }
        hold(part);
        const line = Buffer.concat(parts);
        parts = [];
        held = 0;
        onLine(line);
      }
      // A copy: the source may use its buffer again.
      hold(chunk.slice(start));
    },
    end: () => Buffer.concat(parts),
  };
}
