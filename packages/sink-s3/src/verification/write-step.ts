import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import type { VerificationStep } from "@headgate/core";
import { readAwsError } from "../aws-error.ts";
import type { AwsError } from "../aws-error.ts";
import { encryptionFailure } from "../encryption.ts";
import { sinkFailure } from "../failure.ts";
import { s3Rule } from "../s3-faults.ts";
import type { S3Settings } from "../settings.ts";
import { markerRequest } from "./marker.ts";
import { diagnoseOwner, ownerMismatch } from "./owner-step.ts";
import type { VerificationRun } from "./run.ts";
import { failed, nothingWritten, ok, skipped } from "./steps.ts";
import type { Written } from "./written.ts";

/** Writes a marker under the prefix with PutObject, which is all that a stream's role needs to allow. */
export async function writeStep(
  run: VerificationRun,
  client: S3Client,
): Promise<{ readonly step: VerificationStep; readonly written: Written }> {
  const name = "write";
  const { settings, signal } = run;
  const { destination } = settings;
  const request = markerRequest(run);
  try {
    const reply = await client.send(new PutObjectCommand(request), { abortSignal: signal });
    const step = ok(name, `Wrote ${request.Key} to bucket ${destination.bucket}.`);
    return { step, written: { is: "written", key: request.Key, reply } };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = readAwsError(thrown);
    const rule = s3Rule(error);
    if (rule === undefined) throw thrown;
    const denied = rule.code === "access_denied";
    const owner = denied ? await diagnoseOwner(run, client) : undefined;
    const failure = sinkFailure("S3", rule, error, destination);
    const hint = owner === "wrong" ? ownerMismatch(settings).hint : denied ? kmsHint(settings, error) : undefined;
    const step = failed(name, hint === undefined ? failure : { ...failure, hint });
    return { step, written: { is: "refused", error, rule, owner } };
  }
}

/** AWS names the action that is missing; a missing right to use the key is mended elsewhere than one to write. */
function kmsHint({ destination, encryption }: S3Settings, error: AwsError): string | undefined {
  if (!destination.aws || !error.message.includes("kms:GenerateDataKey")) return undefined;
  const key = encryption?.kmsKeyArn ?? "the KMS key that the bucket encrypts with";
  return `Allow kms:GenerateDataKey on ${key} in the role's permission policy, and in the key's own policy when the key is in another account.`;
}

/** Whether the marker is really encrypted as the stream asks for: the reply says what was applied. */
export function encryptionStep({ settings }: VerificationRun, written: Written): VerificationStep {
  const name = "encryption";
  const { encryption, destination } = settings;
  if (written.is === "refused") return skipped(name, nothingWritten);
  const { reply } = written;
  if (encryption === undefined) {
    const applied = reply.ServerSideEncryption === undefined ? "none" : shown(reply.ServerSideEncryption);
    return skipped(name, `The stream asks for none and leaves it to the bucket. The reply shows ${applied}.`);
  }
  const failure = encryptionFailure(encryption, reply, destination);
  if (failure !== undefined) {
    const hint = destination.aws
      ? "Check that no proxy between here and S3 drops headers."
      : `Enable ${encryption.mode} on this S3-compatible server, or set encryption.mode to none if it encrypts its disks itself.`;
    return failed(name, { ...failure, hint });
  }
  const key = encryption.kmsKeyArn === undefined ? "" : `, with the key ${encryption.kmsKeyArn}`;
  return ok(name, `The reply shows ${encryption.mode}${key}.`);
}

/** A server could put anything there. */
function shown(text: string): string {
  return /^[\w:]{1,20}$/.test(text) ? text : "something unknown";
}
