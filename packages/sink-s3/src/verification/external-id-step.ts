import { randomUUID } from "node:crypto";
import type { VerificationStep } from "@headgate/core";
import type { RoleCredentials } from "../assume-role.ts";
import { externalIdOf } from "../assume-role.ts";
import type { WrongRequest } from "../guarded-role.ts";
import { readAwsError } from "../aws-error.ts";
import { abortable } from "../deliver.ts";
import { sessionPolicy } from "../session-policy.ts";
import { refusesRole } from "../sts-faults.ts";
import { foreignOwner } from "../token-owner.ts";
import { probeSeconds } from "./probe-seconds.ts";
import type { VerificationRun } from "./run.ts";
import { stsFailure } from "./session-step.ts";
import { failed, ok, skipped } from "./steps.ts";

const name = "external id";

/** How the role answered a request that it should refuse. */
interface Answer {
  readonly is: "accepted" | "refused" | "unclear";
  /** The server is Ceph's gateway, which takes external ids and compares none. */
  readonly ceph: boolean;
  /** What came instead of a refusal. */
  readonly failure?: { readonly message: string };
}

/** Anybody could have the role used: nothing may be written with it. */
export interface OpenRole {
  readonly open: VerificationStep;
}

/**
 * Whether the role insists on the stream's external id: it must not be given out without one, nor with a wrong one, or
 * whoever gets the platform to name the role's ARN can have it used (the confused deputy):
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
export async function externalIdStep(run: VerificationRun): Promise<VerificationStep | OpenRole> {
  const { credentials, destination } = run.settings;
  if (credentials.kind === "webIdentity") {
    const foreign = await ask(run, credentials, { tokenOf: foreignOwner(run.context) });
    if (foreign.is === "unclear") return undecided("with a token of another organization", foreign, "the token's sub");
    if (foreign.is === "accepted") return openSubject;
    return ok(name, "Web identity needs none: the role is refused with a token of another organization.");
  }
  if (credentials.kind !== "assumeRole") return skipped(name, "No role is assumed.");
  if (externalIdOf(credentials) === undefined) {
    if (!destination.aws) return skipped(name, "None is set. Many S3-compatible servers do not compare them.");
    const message = `None is set, so the role cannot tell on whose behalf this platform asks for it. ${deputy}`;
    const hint = `Set credentials.assume_role.external_id to a value minted for this customer alone. ${condition}`;
    return failed(name, { message, hint });
  }
  const without = await ask(run, credentials, { externalId: undefined });
  if (without.ceph) return notCompared;
  if (without.is === "unclear") return undecided("without an external id", without);
  if (without.is === "accepted") return accepted("without an external id", "has no condition on it");
  // Fresh for each verification, so that no trust policy can be made to fit it.
  const wrong = await ask(run, credentials, { externalId: `headgate-verify-${randomUUID()}` });
  if (wrong.ceph) return notCompared;
  if (wrong.is === "unclear") return undecided("with a wrong external id", wrong);
  if (wrong.is === "accepted") return accepted("with a wrong external id", "takes any");
  return ok(name, "The role is refused without an external id, and with a wrong one.");
}

async function ask(run: VerificationRun, credentials: RoleCredentials, wrong: WrongRequest): Promise<Answer> {
  const { settings, access, signal } = run;
  const policy = sessionPolicy(settings, settings.prefix, credentials.role.roleArn);
  try {
    const request = { seconds: probeSeconds(credentials), policy, ...wrong, signal };
    const { requestId } = await abortable(access.assume(credentials, request), signal);
    return { is: "accepted", ceph: isCeph(run, requestId) };
  } catch (thrown) {
    const failure = stsFailure(run, thrown);
    const error = readAwsError(thrown);
    const ceph = isCeph(run, error.requestId);
    return refusesRole(error, settings.destination) ? { is: "refused", ceph } : { is: "unclear", ceph, failure };
  }
}

/** Ids of Ceph's RADOS Gateway are `tx…`: https://docs.ceph.com/en/latest/radosgw/s3/commons/ */
function isCeph({ settings }: VerificationRun, requestId: string | undefined): boolean {
  return !settings.destination.aws && requestId?.startsWith("tx") === true;
}

const notCompared = skipped(
  name,
  "This server (Ceph's RADOS Gateway) takes external ids and compares none, so nothing can be shown. Its roles are protected by the principal that their trust names, and by nothing else.",
);

const deputy = "Another customer who knows its ARN could have it used (confused deputy).";

const condition =
  'Add to the statement of the role\'s trust policy: "Condition": { "StringEquals": { "sts:ExternalId": "…" } }, with the external id of this stream.';

function accepted(how: string, policy: string): OpenRole {
  const message = `The role can be assumed ${how}: its trust policy ${policy}. ${deputy}`;
  return { open: failed(name, { message, hint: condition }) };
}

const openSubject: OpenRole = {
  open: failed(name, {
    message: `The role can be assumed with a token of another organization: its trust policy does not compare the token's sub. ${deputy}`,
    hint: "Have the role's trust policy compare the token's sub with StringEquals, as the set-up shows it.",
  }),
};

function undecided(how: string, { failure }: Answer, what = "the external id"): VerificationStep {
  const message = `Whether the role is refused ${how} is not known. ${failure?.message ?? ""}`;
  return failed(name, {
    message,
    hint: `Verify the stream again. Until this step is ok, do not rely on ${what}.`,
  });
}
