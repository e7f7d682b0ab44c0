import type { ObjectLockMode, PutObjectCommandInput, StorageClass } from "@aws-sdk/client-s3";
import type { EncodedObject } from "@headgate/core";
import { encryptionFields } from "./encryption.ts";
import type { S3Settings } from "./settings.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What is sent for one object. */
export interface PutRequest {
  readonly object: Pick<EncodedObject, "key" | "bytes" | "sha256" | "contentType" | "metadata">;
  /** Start of the hour that the events are of, Unix ms; undefined for objects without retention. */
  readonly hour: number | undefined;
  /** Unix ms. */
  readonly now: number;
  /** Write even where the key exists: same key, same bytes. */
  readonly overwrite: boolean;
}

/** The PutObject request of an object. Depends on the clock only where a retention would be over already. */
export function putRequest(settings: S3Settings, request: PutRequest): PutObjectCommandInput {
  const { object, overwrite } = request;
  const { bytes } = object;
  const tags = Object.entries(settings.tags);
  return {
    Bucket: settings.destination.bucket,
    Key: object.key,
    Body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    ContentLength: bytes.byteLength,
    ContentType: object.contentType,
    ChecksumSHA256: Buffer.from(object.sha256, "hex").toString("base64"),
    Metadata: { ...object.metadata },
    ...(overwrite ? {} : { IfNoneMatch: "*" }),
    ...(settings.expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: settings.expectedBucketOwner }),
    ...encryptionFields(settings.encryption),
    ...(settings.storageClass === undefined ? {} : { StorageClass: settings.storageClass as StorageClass }),
    ...(tags.length === 0 ? {} : { Tagging: new URLSearchParams(tags).toString().replaceAll("+", "%20") }),
    ...lockFields(settings, request),
  };
}

function lockFields(settings: S3Settings, { hour, now }: PutRequest): Partial<PutObjectCommandInput> {
  const { objectLock } = settings;
  if (objectLock === undefined || hour === undefined) return {};
  const until = hour + hourMs + objectLock.retainDays * dayMs;
  // S3 refuses dates that are over; an hour of margin keeps clocks and slow requests out of it.
  if (until <= now + hourMs) return {};
  return {
    ObjectLockMode: objectLock.mode.toUpperCase() as ObjectLockMode,
    ObjectLockRetainUntilDate: new Date(until),
  };
}
