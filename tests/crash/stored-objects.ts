import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { gunzipSync } from "node:zlib";
import type { S3Server } from "./bucket.ts";

/** An object as it lies in a folder or bucket. */
interface StoredObject {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** An event's line, byte for byte: each char is one byte. */
export interface StoredLine {
  readonly key: string;
  readonly text: string;
  readonly organization: string;
  readonly sequence: number;
}

/** Every file under a folder, keys relative to it. */
export function folderObjects(folder: string): StoredObject[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => ({ key: path.slice(folder.length + 1).replaceAll(sep, "/"), bytes: readFileSync(path) }));
}

/** Every object under a prefix, keys relative to it. */
export async function bucketObjects({ client, bucket }: S3Server, prefix: string): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for (let token: string | undefined; ;) {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
    );
    const read = (page.Contents ?? []).map(async ({ Key: key = "" }): Promise<StoredObject> => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      if (Body === undefined) throw new Error(`${key} has no body`);
      return { key: key.slice(prefix.length), bytes: await Body.transformToByteArray() };
    });
    objects.push(...(await Promise.all(read)));
    token = page.NextContinuationToken;
    if (token === undefined) return objects;
  }
}

const layout =
  /^[^/]+\/year=(\d{4})\/month=(\d\d)\/day=(\d\d)\/hour=(\d\d)\/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d_([\da-f]{40})(\.json\.gz)?$/;

/**
 * The lines of objects under `ORGANIZATION/`, in the order of their sequences, read with nothing of Headgate's. Throws
 * where a key is not of the layout, its SHA-1 is not that of the stored bytes, or an event is in another hour or
 * organization than its key. Keys with a folder or name that begins with `_` hold no events.
 */
export function storedLines(objects: readonly StoredObject[], compression: "none" | "gzip"): StoredLine[] {
  const lines: StoredLine[] = [];
  for (const { key, bytes } of objects) {
    if (key.split("/").some((part) => part.startsWith("_"))) continue;
    const [, year, month, day, hour, name, extension] = layout.exec(key) ?? [];
    const sha1 = createHash("sha1").update(bytes).digest("hex");
    if (name !== sha1) throw new Error(`${key} does not name its SHA-1, ${sha1}`);
    if ((extension !== undefined) !== (compression === "gzip")) throw new Error(`${key} is not ${compression}`);
    const body = Buffer.from(compression === "gzip" ? gunzipSync(bytes) : bytes).toString("latin1");
    if (!body.endsWith("\n")) throw new Error(`${key} does not end with a line feed`);
    for (const text of body.slice(0, -1).split("\n")) {
      const event = JSON.parse(text) as { sequence: number; occurred_at: string; organization: { id: string } };
      const { sequence, occurred_at: at, organization } = event;
      if (at.slice(0, 13) !== `${year}-${month}-${day}T${hour}`)
        throw new Error(`sequence ${sequence} occurred at ${at} and is in ${key}`);
      if (!key.startsWith(`${organization.id}/`)) throw new Error(`an event of ${organization.id} is in ${key}`);
      lines.push({ key, text, organization: organization.id, sequence });
    }
  }
  return lines.sort((a, b) => a.sequence - b.sequence);
}
