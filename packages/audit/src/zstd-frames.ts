import { createZstdDecompress } from "node:zlib";
import { transformed } from "./transformed.ts";

/**
 * Decompresses any number of Zstandard frames (RFC 8878), one after another. Node's own decoder ends after the first
 * frame without a word, so frames are told apart here by walking their blocks.
 */
export async function* decompressZstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  await using reader = byteReader(source);
  while (await reader.more()) {
    const magic = await reader.take(4);
    const number = new DataView(magic.buffer, magic.byteOffset).getUint32(0, true);
    if (number >>> 4 === 0x184d2a5) {
      const length = await reader.take(4);
      for await (const _ of reader.pieces(new DataView(length.buffer, length.byteOffset).getUint32(0, true))) continue;
    } else if (number === 0xfd2fb528) yield* transformed(frame(magic, reader), createZstdDecompress());
    else throw new Error("bytes that are no Zstandard frame");
  }
}

/** One frame's bytes, just as many as it has. */
async function* frame(magic: Uint8Array, reader: ByteReader): AsyncGenerator<Uint8Array> {
  yield magic;
  const descriptor = await reader.take(1);
  yield descriptor;
  const flags = descriptor[0] as number;
  const singleSegment = (flags & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] as number;
  const contentSizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][flags >>> 6] as number;
  yield await reader.take((singleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes);
  for (let last = false; !last;) {
    const header = await reader.take(3);
    yield header;
    const bits = (header[0] as number) | ((header[1] as number) << 8) | ((header[2] as number) << 16);
    last = (bits & 1) === 1;
    const type = (bits >>> 1) & 3;
    if (type === 3) throw new Error("a Zstandard block of a reserved type");
    // A run-length block holds one byte, whatever its size says.
    yield* reader.pieces(type === 1 ? 1 : bits >>> 3);
  }
  if ((flags & 4) !== 0) yield await reader.take(4);
}

/** Pulls exact numbers of bytes out of chunks. */
interface ByteReader extends AsyncDisposable {
  more(): Promise<boolean>;
  /** So many bytes in one piece. @throws where the source ends before */
  take(bytes: number): Promise<Uint8Array>;
  /** So many bytes as they come. @throws where the source ends before */
  pieces(bytes: number): AsyncGenerator<Uint8Array>;
}

function byteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const chunks = source[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array(0);

  async function more(): Promise<boolean> {
    while (chunk.length === 0) {
      const next = await chunks.next();
      if (next.done === true) return false;
      chunk = next.value;
    }
    return true;
  }

  async function* pieces(bytes: number): AsyncGenerator<Uint8Array> {
    for (let left = bytes; left > 0;) {
      if (!(await more())) throw new Error("unexpected end of file");
      const piece = chunk.subarray(0, left);
      chunk = chunk.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  return {
    more,
    pieces,
    async take(bytes) {
      const taken = new Uint8Array(bytes);
      let at = 0;
      for await (const piece of pieces(bytes)) {
        taken.set(piece, at);
        at += piece.length;
      }
      return taken;
    },
    async [Symbol.asyncDispose]() {
      await chunks.return?.();
    },
  };
}
