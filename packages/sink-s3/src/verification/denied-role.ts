import type { VerificationStep } from "@headgate/core";
import { externalIdOf } from "../assume-role.ts";
import type { AwsError } from "../aws-error.ts";
import type { VerificationRun } from "./run.ts";

/**
 * What to do where a role was denied. AWS gives one answer for a role that is missing, one that does not trust the caller
 * and a wrong external id, so that nobody can find out roles by asking:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html. Where an answer does say more, so does this.
 */
export function deniedRoleFix(run: VerificationRun, roleArn: string, error: AwsError): string {
  const { settings, shared, context } = run;
  const caller = (settings.destination.aws ? callerOf(error.message) : undefined) ?? shared.platformPrincipal;
  const whom = caller ?? "the platform's principal";
  if (settings.credentials.kind === "webIdentity") {
    const { webIdentity } = shared;
    const issuer = webIdentity?.issuer ?? "the platform's issuer";
    const claims =
      webIdentity === undefined ? "" : `, which are "${webIdentity.audience}" and "${webIdentity.subject(context)}"`;
    return `Check that the role ${roleArn} exists, spelled exactly so, that the account has an identity provider for ${issuer}, and that the role's trust policy allows sts:AssumeRoleWithWebIdentity for it and compares the token's aud and sub${claims}.`;
  }
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
  if (/identity-based policy|permissions boundary|session policy/.test(error.message)) {
    return `It is the platform's own side that denies it: allow sts:AssumeRole on ${roleArn} in the policies of ${whom}.`;
  }
  const role = `Check that the role ${roleArn} exists, spelled exactly so`;
  if (!settings.destination.aws && error.status === 404) return `${role}: the server does not know it.`;
  const trust = `that its trust policy allows sts:AssumeRole for ${whom}`;
  if (externalIdOf(settings.credentials) === undefined) return `${role}, and ${trust}.`;
  return `${role}, ${trust}, and that the policy asks for this stream's external id. A mistake in any of the three is answered alike.`;
}

/** What can be said of the external id where the role was denied: it may be the reason, and nothing tells. */
export function deniedExternalIdStep({ settings }: VerificationRun, error: AwsError): VerificationStep | undefined {
  if (externalIdOf(settings.credentials) === undefined || (!settings.destination.aws && error.status === 404))
    return undefined;
  return {
    name: "external id",
    status: "skipped",
    detail:
      "Not tried: there is no session. A trust policy that asks for another external id is answered like a wrong role.",
    fix: `Compare "sts:ExternalId" in the role's trust policy with the external id of your organization, as the set-up shows it: they must be equal, character by character. ${externalIdCondition}`,
  };
}

/** What a trust policy needs. The id itself is shown by the set-up alone. */
const externalIdCondition = 'The statement needs "Condition": { "StringEquals": { "sts:ExternalId": "…" } } with it.';

/** The caller as AWS names it, as trust policies name it: a session's role. */
function callerOf(message: string): string | undefined {
  const arn = /^User: (arn:[\w+=,.@:/-]{1,256}) is not authorized/.exec(message)?.[1];
  return arn?.replace(/^(arn:[\w-]+):sts:(:\d*):assumed-role\/([^/]+)\/.*$/, "$1:iam:$2:role/$3");
}
