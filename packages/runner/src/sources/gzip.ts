import { HeadgateError } from "@headgate/core";
import { once } from "node:events";
import { createGunzip } from "node:zlib";

/** Whether bytes begin as every gzip file does. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** Hands on plain chunks as they are, and the content of gzip ones, of all members one after another. */
export async function* decompressed(input: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Buffer> {
  const chunks = input[Symbol.asyncIterator]();
  try {
    let head = Buffer.alloc(0);
    while (head.length < 2) {
      const next = await chunks.next();
      if (next.done === true) break;
      head = Buffer.concat([head, next.value]);
    }
    if (isGzip(head)) yield* gunzipped(head, chunks, name);
    else {
      yield head;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield bufferOf(next.value);
    }
  } finally {
    await chunks.return?.();
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function* gunzipped(head: Buffer, chunks: AsyncIterator<Uint8Array>, name: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  let fed = 0;
  const feed = async (): Promise<void> => {
    let chunk: Uint8Array | undefined = head;
    while (chunk !== undefined && !gunzip.destroyed) {
      fed += chunk.length;
      if (!gunzip.write(chunk)) await Promise.race([once(gunzip, "drain"), once(gunzip, "close")]);
      const next: IteratorResult<Uint8Array> = await chunks.next();
      chunk = next.done === true ? undefined : next.value;
    }
    gunzip.end();
  };
  const feeding = feed().catch((error: unknown) => void gunzip.destroy(error as Error));
  try {
    yield* gunzip as AsyncIterable<Buffer>;
    await feeding;
    // zlib stops without a word where the next bytes are no further member.
    if (gunzip.bytesWritten < fed) {
      throw new HeadgateError(
        "source_failed",
        `The source ${name} holds ${fed - gunzip.bytesWritten} bytes after its gzip data.`,
        {
          hint: "They were not read. Was something appended to it that is not gzip?",
        },
      );
    }
  } finally {
    gunzip.destroy();
  }
}
