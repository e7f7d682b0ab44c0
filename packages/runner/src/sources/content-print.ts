import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** How much of each end of the content is kept. */
export const edgeBytes = 1024;

/** What the first so many bytes of some content are, without keeping them all. */
export interface ContentPrint {
  readonly bytes: number;
  /** CRC-32 of all of them: cheap to go on with, and tells a rewrite from an append. No defence, and none is needed. */
  readonly crc: number;
  /** The first and the last of them, {@link edgeBytes} at most. */
  readonly head: Buffer;
  readonly tail: Buffer;
}

/** The print of nothing. */
export const emptyPrint: ContentPrint = { bytes: 0, crc: 0, head: Buffer.alloc(0), tail: Buffer.alloc(0) };

/** The print after more bytes. The chunk may be reused afterwards. */
export function advance(print: ContentPrint, chunk: Buffer): ContentPrint {
  if (chunk.length === 0) return print;
  const { head, tail } = print;
  return {
    bytes: print.bytes + chunk.length,
    crc: crc32(chunk, print.crc),
    head: head.length < edgeBytes ? Buffer.concat([head, chunk.subarray(0, edgeBytes - head.length)]) : head,
    tail: Buffer.concat([tail, chunk.subarray(-edgeBytes)]).subarray(-edgeBytes),
  };
}

/** SHA-256 over both edges, to compare them by. */
export function edgesOf({ head, tail }: Pick<ContentPrint, "head" | "tail">): string {
  return createHash("sha256").update(head).update(tail).digest("base64url");
}

/** The print of the first so many bytes; undefined where there are fewer. */
export async function printOf(content: AsyncIterable<Buffer>, bytes: number): Promise<ContentPrint | undefined> {
  let print = emptyPrint;
  for await (const chunk of content) {
    print = advance(print, chunk.subarray(0, bytes - print.bytes));
    if (print.bytes === bytes) return print;
  }
  return print.bytes === bytes ? print : undefined;
}
