import { createGunzip, type Gunzip } from "node:zlib";
import { once } from "node:events";
import { isHeadgateError } from "@headgate/core";
import { problem } from "../problem.ts";

/**
 * The content of a gzip body, of all its members one after another, as it arrives. Whoever takes it sees each piece
 * before the next is made, so a body that unpacks to far more than it is can be left in time.
 * @throws `request_invalid` where it is damaged, cut short, or followed by something else
 */
export async function* gunzipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  let fed = 0;
  const feeding = (async () => {
    for await (const chunk of chunks) {
      if (gunzip.destroyed) return;
      fed += chunk.length;
      if (!gunzip.write(chunk)) await drained(gunzip);
    }
    gunzip.end();
  })().catch((error: unknown) => void gunzip.destroy(error as Error));
  try {
    yield* gunzip as AsyncIterable<Buffer>;
    await feeding;
    // zlib stops without a word where the next bytes are no further member.
    if (gunzip.bytesWritten < fed) throw damaged();
  } catch (error) {
    throw isHeadgateError(error) ? error : damaged();
  } finally {
    gunzip.destroy();
  }
}

async function drained(gunzip: Gunzip): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  // Either ends the wait; the other must not stay behind.
  await Promise.race([once(gunzip, "drain", { signal }), once(gunzip, "close", { signal })]).finally(() =>
    over.abort(),
  );
}

function damaged(): Error {
  return problem("request_invalid", "The body's gzip data is damaged, cut short, or followed by something else.");
}
