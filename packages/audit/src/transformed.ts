import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/** What a transform makes of a source. Errors of either are thrown here; ending early ends both. */
export async function* transformed(
  source: AsyncIterable<Uint8Array>,
  transform: Transform,
): AsyncGenerator<Uint8Array> {
  const done = pipeline(Readable.from(source, { objectMode: false }), transform);
  // The error comes out of the loop below as well; here it would be an unhandled rejection.
  done.catch(() => {});
  yield* transform as AsyncIterable<Uint8Array>;
  await done;
}
