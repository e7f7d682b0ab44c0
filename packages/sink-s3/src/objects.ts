import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { HeadgateError, secret } from "@headgate/core";
import { readAwsError } from "./aws-error.ts";
import { baseCredentials } from "./base-credentials.ts";
import { s3Client } from "./client.ts";
import { sharedConnections } from "./connections.ts";
import { sinkFailure } from "./failure.ts";
import type { AwsIdentityProvider, S3StaticCredentials } from "./options.ts";
import { s3Rule } from "./s3-faults.ts";
import { defaultTimeouts, resolveDestination } from "./settings.ts";
import type { S3Destination } from "./settings.ts";

/** Where {@link s3Objects} reads. */
export interface S3ObjectsOptions {
  readonly bucket: string;
  /** @default "" */
  readonly prefix?: string;
  /** @default "us-east-1" with an `endpoint`; required without */
  readonly region?: string;
  readonly endpoint?: string;
  /** @default false */
  readonly forcePathStyle?: boolean;
  /** Allows plain http and private addresses. @default false */
  readonly allowInsecureEndpoint?: boolean;
  /** Needs `s3:ListBucket` and `s3:GetObject`. @default the AWS SDK's default chain */
  readonly credentials?: S3StaticCredentials | AwsIdentityProvider;
  readonly signal?: AbortSignal;
}

/** One object of a bucket. */
export interface S3Object {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** The object's bytes as they are stored. @throws as {@link s3Objects} */
  read(): Promise<Uint8Array>;
}

/** A bucket that is open for reading. Disposing of it gives its connections back. */
export interface S3Reader extends Disposable {
  /** All objects under the prefix in key order, Headgate's own included, a page of 1,000 at a time. @throws as {@link s3Objects} */
  list(): AsyncGenerator<Omit<S3Object, "read">, void, void>;
  /** An object's bytes as they are stored. @throws as {@link s3Objects} */
  read(key: string): Promise<Uint8Array>;
}

/** Opens a bucket for reading. @throws `sink_options_invalid` */
export function s3Reader(options: S3ObjectsOptions): S3Reader {
  const { bucket, prefix = "", signal, credentials } = options;
  const problems: string[] = [];
  const destination = resolveDestination(options, (problem) => void problems.push(problem));
  if (problems.length > 0)
    throw new HeadgateError("sink_options_invalid", `The S3 location is wrong: ${problems.join("; ")}.`);
  const connections = sharedConnections();
  const lease = connections.open({ timeouts: defaultTimeouts, guarded: destination.guarded });
  const identity = typeof credentials === "object" ? keysOf(credentials) : baseCredentials(credentials);
  const client = s3Client(destination, () => identity.get(), lease.handler, 5);
  const abort = signal === undefined ? {} : { abortSignal: signal };
  return {
    async *list() {
      let token: string | undefined;
      do {
        const page = { Bucket: bucket, Prefix: prefix, ...(token === undefined ? {} : { ContinuationToken: token }) };
        const reply = await ask(() => client.send(new ListObjectsV2Command(page), abort), destination, signal);
        for (const { Key: key = "", Size: size = 0 } of reply.Contents ?? []) {
          if (!key.endsWith("/")) yield { key, size };
        }
        token = reply.IsTruncated === true ? reply.NextContinuationToken : undefined;
      } while (token !== undefined);
    },
    read: (key) =>
      ask(
        async () => {
          const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), abort);
          return (await object.Body?.transformToByteArray()) ?? new Uint8Array();
        },
        destination,
        signal,
      ),
    [Symbol.dispose]: () => lease.release(),
  };
}

/**
 * The objects under a prefix, in key order, a page of 1,000 at a time: memory does not grow with the bucket. Names that
 * begin with `_` anywhere below the prefix are Headgate's own and are left out.
 * @throws `sink_options_invalid`, or what the destination failed with, e.g. `access_denied`, `destination_missing`
 */
export async function* s3Objects(options: S3ObjectsOptions): AsyncGenerator<S3Object, void, void> {
  const reader = s3Reader(options);
  const { prefix = "" } = options;
  // Readers run ahead: the list may be at its end while objects of it are still being read.
  let listing = true;
  let reading = 0;
  const releaseWhenDone = (): void => {
    if (!listing && reading === 0) reader[Symbol.dispose]();
  };
  const read = async (key: string): Promise<Uint8Array> => {
    reading += 1;
    try {
      return await reader.read(key);
    } finally {
      reading -= 1;
      releaseWhenDone();
    }
  };
  try {
    for await (const { key, size } of reader.list()) {
      if (!/(^|\/)_/.test(key.slice(prefix.length))) yield { key, size, read: () => read(key) };
    }
  } finally {
    listing = false;
    releaseWhenDone();
  }
}

function keysOf(keys: S3StaticCredentials): {
  get(): Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string }>;
} {
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  return {
    get: () =>
      Promise.resolve({
        accessKeyId,
        secretAccessKey: secret(secretAccessKey).reveal(),
        ...(sessionToken === undefined ? {} : { sessionToken: secret(sessionToken).reveal() }),
      }),
  };
}

/** Runs a request and turns its failure into an error that says what to do. */
async function ask<T>(
  request: () => Promise<T>,
  destination: S3Destination,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await request();
  } catch (thrown) {
    signal?.throwIfAborted();
    const error = readAwsError(thrown);
    const rule = s3Rule(error);
    if (rule === undefined) throw thrown;
    const reading =
      rule.code === "access_denied" ? { ...rule, says: "does not allow reading", hint: readingHint } : rule;
    const { code, message, hint } = sinkFailure("S3", reading, error, destination);
    throw new HeadgateError(code, message, { cause: thrown, ...(hint === undefined ? {} : { hint }) });
  }
}

const readingHint = "Use credentials that may s3:ListBucket the bucket and s3:GetObject under the prefix.";
