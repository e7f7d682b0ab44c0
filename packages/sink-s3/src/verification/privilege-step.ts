import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import type { VerificationStep } from "@headgate/core";
import { externalIdOf } from "../assume-role.ts";
import { readAwsError } from "../aws-error.ts";
import { abortable } from "../deliver.ts";
import { sinkFailure } from "../failure.ts";
import type { AwsIdentity } from "../options.ts";
import { s3Rule } from "../s3-faults.ts";
import { objectActions, objectsArn } from "../session-policy.ts";
import type { S3Settings } from "../settings.ts";
import { probeSeconds } from "./probe-seconds.ts";
import type { VerificationRun } from "./run.ts";
import { stsFailure } from "./session-step.ts";
import { ok, skipped } from "./steps.ts";

const name = "least privilege";

/** Something that a stream never needs to do, and how the attempt is made. */
interface Probe {
  readonly what: string;
  readonly attempt: (client: S3Client) => Promise<unknown>;
}

/**
 * What the role may do beyond writing: a session that is not narrowed, as delivery's are, tries to list the bucket, to
 * read the marker and to delete it, which tidies up as well. More than is needed is told, not held against the stream.
 */
export async function privilegeStep(run: VerificationRun, given: AwsIdentity, key: string): Promise<VerificationStep> {
  const { settings, access, signal } = run;
  const { credentials } = settings;
  let identity = given;
  if ("role" in credentials) {
    const externalId = externalIdOf(credentials);
    const request = { seconds: probeSeconds(credentials), policy: undefined, externalId, signal };
    try {
      ({ identity } = await abortable(access.assume(credentials, request), signal));
    } catch (thrown) {
      return skipped(name, `Not known: no session could be had to try with. ${stsFailure(run, thrown).message}`);
    }
  }
  const client = access.clientOf(identity);
  const allowed: string[] = [];
  const unclear: string[] = [];
  for (const { what, attempt } of probes(run, key)) {
    const answer = await tried(run, () => attempt(client));
    if (answer === "allowed") allowed.push(what);
    else if (answer !== "denied") unclear.push(`Whether it may ${what} is not known: ${answer}`);
  }
  return verdict(settings, allowed, unclear);
}

function probes({ settings, signal }: VerificationRun, key: string): readonly Probe[] {
  const { destination, prefix, expectedBucketOwner, objectLock } = settings;
  const bucket = {
    Bucket: destination.bucket,
    ...(expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: expectedBucketOwner }),
  };
  const sending = { abortSignal: signal };
  const list: Probe = {
    what: "list the bucket",
    attempt: (client) => client.send(new ListObjectsV2Command({ ...bucket, Prefix: prefix, MaxKeys: 1 }), sending),
  };
  const read: Probe = {
    what: "read objects",
    attempt: async (client) => {
      const { Body } = await client.send(new GetObjectCommand({ ...bucket, Key: key }), sending);
      // Nobody wants the bytes; unread, they would hold their connection.
      if (Body !== undefined && "destroy" in Body) Body.destroy();
    },
  };
  const remove: Probe = {
    what: "delete objects",
    attempt: (client) => client.send(new DeleteObjectCommand({ ...bucket, Key: key }), sending),
  };
  return objectLock === undefined ? [list, read, remove] : [list, read];
}

/** `allowed`, `denied`, or what came instead of an answer. */
async function tried({ settings, signal }: VerificationRun, attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
    return "allowed";
  } catch (thrown) {
    signal.throwIfAborted();
    const error = readAwsError(thrown);
    const rule = s3Rule(error);
    if (rule === undefined) throw thrown;
    if (rule.code === "access_denied" && error.status === 403) return "denied";
    return sinkFailure("S3", rule, error, settings.destination).message;
  }
}

function verdict(settings: S3Settings, allowed: readonly string[], unclear: readonly string[]): VerificationStep {
  const role = "role" in settings.credentials;
  const lock = settings.objectLock === undefined ? [] : ["Deleting was not tried, for Object Lock."];
  const rest = [...unclear, ...lock];
  if (allowed.length > 0) {
    const who = role ? "The role" : "These credentials";
    const narrowed = role ? ["The sessions that deliver are narrowed to writing under the prefix all the same."] : [];
    return ok(name, [`${who} may also ${allowed.join(" and ")}.`, ...narrowed, ...rest].join(" "), narrow(settings));
  }
  if (unclear.length > 0) return skipped(name, rest.join(" "));
  const refused = settings.objectLock === undefined ? "list the bucket, read or delete" : "list the bucket or read";
  return ok(
    name,
    [`${role ? "The role" : "These credentials"} may not ${refused} what was written.`, ...lock].join(" "),
  );
}

function narrow(settings: S3Settings): string {
  const { credentials, destination, encryption, prefix } = settings;
  const roleArn = "role" in credentials ? credentials.role.roleArn : undefined;
  const key = encryption?.kmsKeyArn;
  const objects = `${objectActions(settings).join(", ")} on ${objectsArn(destination, prefix, roleArn)}`;
  const kms = key === undefined ? "" : `, and to kms:GenerateDataKey on ${key}`;
  return `Narrow ${roleArn === undefined ? "their" : "the role's"} permission to ${objects}${kms}.`;
}
