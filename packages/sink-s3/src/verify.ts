import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { SinkContext, SinkFailure, VerificationStep } from "@headgate/core";
import { createHash } from "node:crypto";
import type { StreamAccess } from "./access.ts";
import { readAwsError } from "./aws-error.ts";
import { abortable } from "./deliver.ts";
import { encryptionFailure } from "./encryption.ts";
import { sinkFailure } from "./failure.ts";
import { putRequest } from "./put-request.ts";
import { s3Rule } from "./s3-faults.ts";
import type { S3Settings } from "./settings.ts";
import { stsRule } from "./sts-faults.ts";

/** The marker that verification writes. Readers skip names that begin with `_`. */
export function markerKey(prefix: string, stream: string, now: number): string {
  const time = new Date(now).toISOString().replaceAll(/[-:.]/g, "");
  return `${prefix}_headgate/verify-${stream.replaceAll(/[^\w.-]/g, "_")}-${time}`;
}

/**
 * Verifies a stream as far as its own permission goes, which is writing: obtains a session, writes a small marker under
 * `{prefix}_headgate/`, and looks at the encryption that the reply shows. Later steps are skipped once one has failed.
 */
export async function* verifyStream(
  settings: S3Settings,
  access: StreamAccess,
  context: SinkContext,
  signal: AbortSignal,
): AsyncIterable<VerificationStep> {
  const { destination, credentials, prefix, encryption, objectLock } = settings;
  const { client, sessions } = access.under(prefix);
  const assumes = credentials.kind === "assumeRole" || credentials.kind === "webIdentity";
  const sessionStep = assumes ? "assume role" : "credentials";
  try {
    await abortable(sessions.current(), signal);
    const role = assumes ? `Assumed ${credentials.role.roleArn}.` : "Found credentials.";
    yield { name: sessionStep, status: "ok", detail: role };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = readAwsError(thrown);
    yield failed(sessionStep, sinkFailure("STS", stsRule(error), error, destination));
    yield* skipped(["write", "encryption"]);
    return;
  }

  const key = markerKey(prefix, context.stream, context.clock.now());
  const bytes = Buffer.from(`Headgate wrote this to verify stream ${context.stream}. It may be deleted.\n`);
  const object = {
    key,
    bytes,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    contentType: "application/x-ndjson" as const,
    metadata: {},
  };
  const request = {
    ...putRequest(settings, { object, hour: undefined, now: 0, overwrite: false }),
    ContentType: "text/plain",
  };
  let failure: SinkFailure | undefined;
  try {
    const reply = await client.send(new PutObjectCommand(request), { abortSignal: signal });
    yield { name: "write", status: "ok", detail: `Wrote ${key} to bucket ${destination.bucket}.` };
    failure = encryptionFailure(encryption, reply, destination);
  } catch (thrown) {
    signal.throwIfAborted();
    const error = readAwsError(thrown);
    const rule = s3Rule(error);
    if (rule === undefined) throw thrown;
    yield failed("write", sinkFailure("S3", rule, error, destination));
    yield* skipped(["encryption"]);
    return;
  }
  if (failure !== undefined) yield failed("encryption", failure);
  else if (encryption === undefined)
    yield { name: "encryption", status: "skipped", detail: "No encryption is asked for." };
  else yield { name: "encryption", status: "ok", detail: `The reply shows ${encryption.mode}.` };
  if (objectLock !== undefined) {
    const detail = "Not tried: it would leave a marker that nobody can delete.";
    yield { name: "object lock", status: "skipped", detail };
  }
}

function failed(name: string, failure: SinkFailure): VerificationStep {
  const { message: detail, hint } = failure;
  return { name, status: "failed", detail, ...(hint === undefined ? {} : { fix: hint }) };
}

function* skipped(names: readonly string[]): Iterable<VerificationStep> {
  for (const name of names) yield { name, status: "skipped", detail: "An earlier step failed." };
}
