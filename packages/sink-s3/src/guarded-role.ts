import { randomUUID } from "node:crypto";
import type { Clock } from "@headgate/core";
import { readAwsError } from "./aws-error.ts";
import { openRoleName, refusesRole } from "./sts-faults.ts";

/** A role is looked at again after this time: its trust policy may have been changed. */
const provenForMs = 24 * 3_600_000;

/** The role can be assumed without the stream's external id. */
export class OpenRoleError extends Error {
  override readonly name: string = openRoleName;
}

/**
 * Makes the check that a role is refused without its external id, for before each use of the role: where it is not, a
 * customer could name the role of another one, and the platform would write there in that one's name. Delivery must not
 * hang on whether a verification has been looked at. `ask` asks for a session with another external id, or none.
 */
export function guardedRole(
  ask: (externalId: string | undefined) => Promise<unknown>,
  clock: Clock,
): () => Promise<void> {
  let provenAt: number | undefined;
  return async () => {
    const now = clock.now();
    if (provenAt !== undefined && now >= provenAt && now - provenAt < provenForMs) return;
    await refused(() => ask(undefined));
    // Fresh each time, so that no trust policy can be made to fit it.
    await refused(() => ask(`headgate-check-${randomUUID()}`));
    provenAt = now;
  };
}

async function refused(ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (thrown) {
    // Whatever else was wrong tells nothing of the role.
    if (!refusesRole(readAwsError(thrown), { aws: true })) throw thrown;
    return;
  }
  throw new OpenRoleError("The role can be assumed without this stream's external id.");
}
