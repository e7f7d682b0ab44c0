import { createGunzip } from "node:zlib";
import { transformed } from "./transformed.ts";

/**
 * Decompresses any number of gzip members (RFC 1952), one after another. Node's own decoder passes over what follows the
 * last one where that does not begin as a member does, so the bytes are counted.
 */
export async function* decompressGzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  let given = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      given += chunk.length;
      yield chunk;
    }
  };
  try {
    yield* transformed(counted(), gunzip);
  } catch (error) {
    // The decoder closes while it is still being fed, where it has passed over bytes.
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
  if (gunzip.bytesWritten < given) throw new Error("bytes behind the last gzip member");
}
