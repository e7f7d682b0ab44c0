import { randomUUID } from "node:crypto";
import { DeleteObjectsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import type { Destination } from "./stream-config.ts";

/** The S3-compatible server that the environment names, with a prefix of its own for this run. */
export function realServer(): Destination | undefined {
  const {
    RGW_ENDPOINT: endpoint,
    RGW_BUCKET: bucket,
    RGW_OWNER_ACCESS_KEY_ID: accessKeyId,
    RGW_OWNER_SECRET_ACCESS_KEY: secretAccessKey,
  } = process.env;
  if (endpoint === undefined || bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined)
    return undefined;
  return { endpoint, bucket, prefix: `bench-${randomUUID()}/`, accessKeyId, secretAccessKey };
}

/** Removes what a run has stored there. */
export async function removeObjects({ endpoint, bucket, prefix, ...credentials }: Destination): Promise<void> {
  const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
  try {
    for (;;) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
      if (Contents.length === 0) return;
      const Objects = Contents.map(({ Key }) => ({ Key }));
      await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
    }
  } finally {
    client.destroy();
  }
}
