import { isDigestKey, isOfAnother } from "./digest-place.ts";
import { isAside, isPlaced, parseObjectKey } from "./object-key.ts";
import type { AuditPlace, ListedFile } from "./place.ts";
import { type DigestReading, readDigest } from "./read-digest.ts";
import { eachOf, type ReadersOptions } from "./readers.ts";

/** Lists a place once: reads its digests as they come, and notes its objects for later. */
export async function listPlace(
  place: AuditPlace,
  {
    reading,
    onListed,
    ...digests
  }: DigestReading & { readonly reading: ReadersOptions; readonly onListed: () => void },
): Promise<{ readonly ignored: number; readonly skipped: number }> {
  const { ledger, findings } = digests;
  let ignored = 0;
  let skipped = 0;

  async function* digestFiles(): AsyncGenerator<ListedFile> {
    for await (const file of place.list()) {
      onListed();
      const { key, size } = file;
      const object = parseObjectKey(key);
      if (object === undefined && isDigestKey(key)) {
        // Whoever names a file twice has it once.
        const isNew =
          ledger.one("INSERT OR IGNORE INTO digest_file VALUES (?) RETURNING 1 AS is_new", key) !== undefined;
        if (isNew) yield file;
      } else if (place.chosen !== true && isAside(key.slice(place.prefix.length))) {
        if (object !== undefined) {
          skipped++;
          ledger.run("INSERT INTO aside VALUES (?, ?)", object.sha1, key);
        }
      } else if (isPlaced(key)) {
        ledger.run(
          "INSERT OR IGNORE INTO file (key, size, hour, sha1) VALUES (?, ?, ?, ?)",
          key,
          size,
          object?.hour ?? null,
          object?.sha1 ?? null,
        );
      } else ignored++;
    }
  }
  await eachOf(digestFiles(), reading, async ({ key }) => {
    try {
      const given = place.read(key);
      const bytes = given instanceof Promise ? await given : given;
      readDigest({ key, bytes: bytes instanceof Uint8Array ? bytes : await joined(bytes) }, digests);
    } catch (error) {
      reading.signal?.throwIfAborted();
      if (isOfAnother(key, digests.stream)) return;
      findings.add({ kind: "digest_invalid", message: `${key} cannot be read (${(error as Error).message})`, key });
    }
  });
  return { ignored, skipped };
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(chunks));
}
