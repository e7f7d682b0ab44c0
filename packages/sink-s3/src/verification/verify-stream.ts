import type { VerificationStep } from "@headgate/core";
import { deniedExternalIdStep } from "./denied-role.ts";
import { externalIdStep } from "./external-id-step.ts";
import { ownerStep } from "./owner-step.ts";
import { privilegeStep } from "./privilege-step.ts";
import type { VerificationRun } from "./run.ts";
import { credentialsStep, sessionStep } from "./session-step.ts";
import { nothingWritten, skipped } from "./steps.ts";
import { encryptionStep, writeStep } from "./write-step.ts";

const afterCredentials = ["assume role", "external id", "write", "encryption", "owner and region", "least privilege"];

/**
 * Verifies an S3 stream step by step, from the platform's own credentials to what the customer's role may do beyond its
 * purpose. `s3:PutObject` (with KMS also `kms:GenerateDataKey`) is enough for every step to be ok or skipped. Steps that
 * need one that failed are skipped. Writes one marker, under the prefix, and deletes it where it may.
 */
export async function* verifyStream(run: VerificationRun): AsyncIterable<VerificationStep> {
  const { settings, access, signal } = run;
  signal.throwIfAborted();
  access.throwIfClosed();
  const credentials = await credentialsStep(run);
  yield credentials;
  if (credentials.status === "failed") {
    for (const name of afterCredentials) yield skipped(name, "Not tried: the platform has no credentials.");
    return;
  }

  const { step: session, identity, denied } = await sessionStep(run);
  yield session;
  if (identity === undefined) {
    const externalId = denied === undefined ? undefined : deniedExternalIdStep(run, denied);
    for (const name of afterCredentials.slice(1)) {
      yield externalId?.name === name ? externalId : skipped(name, "Not tried: there is no session.");
    }
    return;
  }
  const externalId = await externalIdStep(run);
  if (!("open" in externalId)) yield externalId;
  else {
    yield externalId.open;
    // Whoever's bucket it is, nothing may be written there with a role that anybody could have named.
    for (const name of afterCredentials.slice(2))
      yield skipped(name, "Not tried: the role must insist on the external id first.");
    return;
  }

  const client = access.clientOf(identity);
  const { step: write, written } = await writeStep(run, client);
  yield write;
  yield encryptionStep(run, written);
  yield await ownerStep(run, client, written);
  yield written.is === "written"
    ? await privilegeStep(run, identity, written.key)
    : skipped("least privilege", nothingWritten);
  if (settings.objectLock !== undefined) {
    yield skipped("object lock", "Not tried: it would leave a marker that nobody can delete.");
  }
}
