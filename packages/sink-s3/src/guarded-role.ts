import type { Clock } from "@headgate/core";
import { readAwsError } from "./aws-error.ts";
import { openRoleName, stsRule } from "./sts-faults.ts";

/** A role is looked at again after this time: its trust policy may have been changed. */
const provenForMs = 24 * 3_600_000;

/** The role can be assumed without the stream's external id. */
export class OpenRoleError extends Error {
  override readonly name: string = openRoleName;
}

/**
 * Makes the check that a role is refused without an external id, for before each use of the role: where it is not, a
 * customer could name the role of another one, and the platform would write there in that one's name. Delivery must not
 * hang on whether a verification has been looked at. `ask` asks for a session without an external id.
 */
export function guardedRole(ask: () => Promise<unknown>, clock: Clock): () => Promise<void> {
  let provenAt: number | undefined;
  return async () => {
    const now = clock.now();
    if (provenAt !== undefined && now >= provenAt && now - provenAt < provenForMs) return;
    try {
      await ask();
    } catch (thrown) {
      const error = readAwsError(thrown);
      // Whatever else was wrong tells nothing of the role.
      if (error.clockCorrected || stsRule(error).code !== "access_denied") throw thrown;
      provenAt = now;
      return;
    }
    throw new OpenRoleError("The role can be assumed without an external id.");
  };
}
