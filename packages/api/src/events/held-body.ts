/** Handed on at a time. */
const pieceBytes = 64 * 1024;

/**
 * A body whose bytes are there already, handed on as fast as they are read. `release` is called once: when the last of it
 * has been taken, or the client has gone. So whoever asks for much and reads nothing has its places in use meanwhile.
 */
export function heldBody(bytes: Uint8Array, release: () => void): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at < bytes.length) controller.enqueue(bytes.subarray(at, (at += pieceBytes)));
        if (at < bytes.length) return;
        release();
        controller.close();
      },
      cancel: release,
    },
    { highWaterMark: 0 },
  );
}
