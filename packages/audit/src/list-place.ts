import { isDigestKey } from "./digest-place.ts";
import type { Ledger } from "./ledger.ts";
import { isAside, isPlaced, parseObjectKey } from "./object-key.ts";
import type { AuditPlace, ListedFile } from "./place.ts";
import { type DigestReading, readDigest } from "./read-digest.ts";
import { eachOf, type ReadersOptions } from "./readers.ts";

/** Lists a place once: reads its digests as they come, and notes its objects for later. */
export async function listPlace(
  place: AuditPlace,
  { reading, ...digests }: DigestReading & { readonly reading: ReadersOptions },
): Promise<{ readonly ignored: number; readonly skipped: number }> {
  const { ledger, findings } = digests;
  let ignored = 0;
  let skipped = 0;

  async function* digestFiles(): AsyncGenerator<ListedFile> {
    for await (const file of place.list()) {
      const { key, size } = file;
      const object = parseObjectKey(key);
      if (object === undefined && isDigestKey(key)) yield file;
      else if (place.chosen !== true && isAside(key.slice(place.prefix.length))) {
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
      findings.add({ kind: "digest_invalid", message: `${key} cannot be read (${(error as Error).message})`, key });
    }
  });
  return { ignored, skipped };
}

/** The objects that an audit reads: all, or those of its hours and those that its digests name. */
export async function* filesInScope(
  ledger: Ledger,
  from: number | undefined,
): AsyncGenerator<ListedFile & { readonly id: number }> {
  // Digests name full keys, and a copy of a bucket may begin anywhere: the name itself is what both have.
  const scope =
    from === undefined
      ? ""
      : `WHERE hour IS NULL OR hour >= ${from} OR EXISTS
          (SELECT 1 FROM named n WHERE n.sha1 = file.sha1)`;
  if (from !== undefined) ledger.run("CREATE INDEX named_sha1 ON named (sha1)");
  for (const { id, key, size } of ledger.rows(`SELECT id, key, size FROM file ${scope} ORDER BY id`))
    yield { id: Number(id), key: String(key), size: Number(size) };
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(chunks));
}
