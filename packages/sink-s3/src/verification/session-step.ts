import type { VerificationStep } from "@headgate/core";
import { readAwsError } from "../aws-error.ts";
import type { AwsError } from "../aws-error.ts";
import { abortable } from "../deliver.ts";
import { sinkFailure } from "../failure.ts";
import type { AwsIdentity } from "../options.ts";
import { stsRule } from "../sts-faults.ts";
import { deniedRoleFix } from "./denied-role.ts";
import type { VerificationRun } from "./run.ts";
import { failed, ok, skipped } from "./steps.ts";

/** Whether the platform itself has credentials, or tokens, to ask for the customer's role with. */
export async function credentialsStep(run: VerificationRun): Promise<VerificationStep> {
  const name = "credentials";
  const { settings, shared, context, signal } = run;
  const { kind } = settings.credentials;
  if (kind === "static") return skipped(name, "The stream has keys of its own: the platform's are not used.");
  try {
    if (kind === "webIdentity") {
      const { organization, stream } = context;
      await abortable(Promise.resolve(shared.webIdentityToken?.({ organization, stream })), signal);
      return ok(name, "The platform's OIDC issuer gives this stream a token.");
    }
    const { sessionToken } = await abortable(shared.base.get(), signal);
    return ok(name, `Found the platform's own credentials: ${sessionToken ? "a session" : "a long-lived key"}.`);
  } catch (thrown) {
    return failed(name, stsFailure(run, thrown));
  }
}

/** Obtains credentials as delivery does, but anew: what delivery holds may be older than the latest change of the role. */
export async function sessionStep(
  run: VerificationRun,
): Promise<{ readonly step: VerificationStep; readonly identity?: AwsIdentity; readonly denied?: AwsError }> {
  const name = "assume role";
  const { credentials } = run.settings;
  try {
    const identity = await obtain(run);
    if (!("role" in credentials))
      return { step: skipped(name, "No role: the credentials write by themselves."), identity };
    return { step: ok(name, `Assumed ${credentials.role.roleArn}.`), identity };
  } catch (thrown) {
    const failure = stsFailure(run, thrown);
    const error = readAwsError(thrown);
    if (!("role" in credentials) || failure.code !== "access_denied") return { step: failed(name, failure) };
    const hint = deniedRoleFix(run, credentials.role.roleArn, error);
    return { step: failed(name, { ...failure, hint }), denied: error };
  }
}

/** Twice where the platform's own credentials are over, as delivery does. */
async function obtain({ access, settings, shared, signal }: VerificationRun): Promise<AwsIdentity> {
  try {
    return await abortable(access.fresh(), signal);
  } catch (thrown) {
    signal.throwIfAborted();
    if (stsRule(readAwsError(thrown)).action !== "renew") throw thrown;
    if (settings.credentials.kind !== "webIdentity") shared.base.refused();
    return await abortable(access.fresh(), signal);
  }
}

/** What a person reads about whatever kept a session from being obtained. Throws the signal's reason when it was that. */
export function stsFailure({ settings, signal }: VerificationRun, thrown: unknown): ReturnType<typeof sinkFailure> {
  signal.throwIfAborted();
  const error = readAwsError(thrown);
  return sinkFailure("STS", stsRule(error), error, settings.destination);
}
