import { statSync } from "node:fs";
import { HeadgateError, isHeadgateError } from "@headgate/core";
import { s3Reader } from "@headgate/sink-s3";
import { folderPlace } from "./folder-place.ts";
import type { AuditPlace } from "./place.ts";

/** Where an audit reads, as the command line says it. */
export interface PlaceOptions {
  /** A folder, or `s3://bucket/prefix`. */
  readonly place: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly forcePathStyle?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Opens a folder or a prefix of a bucket for reading. The one who audits decides where, so any endpoint will do.
 * @throws `file_unreadable` where the folder does not exist, `config_invalid` where the place is neither
 */
export function openPlace({ place, endpoint, region, forcePathStyle, signal }: PlaceOptions): AuditPlace {
  const s3 = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(place);
  if (s3 !== null) {
    const [, bucket = "", prefix = ""] = s3;
    const reader = s3Reader({
      bucket,
      prefix,
      allowInsecureEndpoint: true,
      ...(endpoint !== undefined && { endpoint }),
      ...(region !== undefined && { region }),
      ...(forcePathStyle === true && { forcePathStyle }),
      ...(signal !== undefined && { signal }),
    });
    return {
      prefix,
      list: () => explained(place, reader.list()),
      read: (key) => reader.read(key),
      close: () => reader[Symbol.dispose](),
    };
  }
  if (/^[a-z0-9+.-]+:\/\//i.test(place)) {
    throw new HeadgateError("config_invalid", `"${place}" is neither a folder nor s3://bucket/prefix.`);
  }
  const found = statSync(place, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) {
    throw new HeadgateError("file_unreadable", `${place} ${found === undefined ? "does not exist" : "is no folder"}.`, {
      hint: "Name the folder that a file stream writes to, or s3://bucket/prefix.",
    });
  }
  return folderPlace(place);
}

/** What the AWS SDK throws before it has asked anybody says neither what nor where. */
async function* explained<T>(place: string, objects: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* objects;
  } catch (cause) {
    if (isHeadgateError(cause) || (cause as Error).name !== "CredentialsProviderError") throw cause;
    throw new HeadgateError("credentials_invalid", `There are no AWS credentials to read ${place} with.`, {
      hint: "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, of a user who may read the bucket.",
      cause,
    });
  }
}
