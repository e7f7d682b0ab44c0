import { createHash } from "node:crypto";
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";

/** The S3 server under test, from its environment. */
export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  readonly client: S3Client;
}

export function s3Server(): S3Server {
  const env = (name: string): string => {
    const value = process.env[name];
    if (value === undefined) throw new Error(`${name} is not set: start the S3 server first`);
    return value;
  };
  return {
    endpoint: env("RGW_ENDPOINT"),
    bucket: env("RGW_BUCKET"),
    client: new S3Client({
      endpoint: env("RGW_ENDPOINT"),
      region: env("RGW_REGION"),
      forcePathStyle: true,
      credentials: { accessKeyId: env("RGW_ADMIN_ACCESS_KEY_ID"), secretAccessKey: env("RGW_ADMIN_SECRET_ACCESS_KEY") },
    }),
  };
}

/** One stored event as the bucket has it. */
export interface StoredEvent {
  readonly id: string;
  readonly sequence: number;
  readonly organization: string;
  readonly key: string;
}

/** Reads every object under a prefix with nothing of Headgate's, checking each object's name, hour and bytes on the way. */
export async function readBucket({ client, bucket }: S3Server, prefix: string): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let token: string | undefined; ;) {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
    );
    for (const { Key: key = "" } of page.Contents ?? []) {
      if (
        key
          .slice(prefix.length)
          .split("/")
          .some((part) => part.startsWith("_"))
      )
        continue;
      const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const bytes = await object.Body?.transformToByteArray();
      if (bytes === undefined) throw new Error(`${key} has no body`);
      const sha1 = createHash("sha1").update(bytes).digest("hex");
      if (!key.endsWith(`_${sha1}`)) throw new Error(`${key} does not name its SHA-1, ${sha1}`);
      const hour = /year=(\d{4})\/month=(\d\d)\/day=(\d\d)\/hour=(\d\d)\//.exec(key)?.slice(1) ?? [];
      for (const line of new TextDecoder().decode(bytes).trimEnd().split("\n")) {
        const event = JSON.parse(line) as {
          id: string;
          sequence: number;
          occurred_at: string;
          organization: { id: string };
        };
        if (event.occurred_at.slice(0, 13) !== `${hour.slice(0, 3).join("-")}T${hour[3] ?? ""}`)
          throw new Error(`${event.id} is in another hour than ${key}`);
        events.push({ id: event.id, sequence: event.sequence, organization: event.organization.id, key });
      }
    }
    token = page.NextContinuationToken;
    if (token === undefined) return events;
  }
}

/** Removes what a test has left under a prefix. */
export async function emptyPrefix({ client, bucket }: S3Server, prefix: string): Promise<void> {
  for (;;) {
    const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
    const keys = (page.Contents ?? []).map(({ Key }) => ({ Key }));
    if (keys.length === 0) return;
    await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys, Quiet: true } }));
  }
}

/** Stores an object. */
export async function putObject({ client, bucket }: S3Server, key: string, bytes: Uint8Array): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
}

/** Deletes one object. */
export async function deleteObject({ client, bucket }: S3Server, key: string): Promise<void> {
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
}
