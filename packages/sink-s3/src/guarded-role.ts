import { randomUUID } from "node:crypto";
import type { SinkContext } from "@headgate/core";
import type { RoleCredentials, SessionRequest } from "./assume-role.ts";
import { readAwsError } from "./aws-error.ts";
import { openRoleName, openSubjectName, refusesRole } from "./sts-faults.ts";
import { foreignOwner } from "./token-owner.ts";

/** A role is looked at again after this time: its trust policy may have been changed. */
const provenForMs = 24 * 3_600_000;

/** A request that a role must refuse. */
export type WrongRequest = Pick<SessionRequest, "externalId" | "tokenOf">;

/** The role can be assumed in somebody else's name. */
export class OpenRoleError extends Error {
  override readonly name: string;

  constructor(kind: RoleCredentials["kind"]) {
    super(
      kind === "webIdentity"
        ? "The role can be assumed with a token of another organization."
        : "The role can be assumed without this stream's external id.",
    );
    this.name = kind === "webIdentity" ? openSubjectName : openRoleName;
  }
}

/** What nobody but the stream itself must get a role with; fresh each time, so that no trust policy can be made to fit it. */
function wrongRequests(
  kind: RoleCredentials["kind"],
  context: Pick<SinkContext, "organization" | "stream">,
): readonly WrongRequest[] {
  if (kind === "webIdentity") return [{ tokenOf: foreignOwner(context) }];
  return [{ externalId: undefined }, { externalId: `headgate-check-${randomUUID()}` }];
}

/**
 * Makes the check that a role is refused without its external id, or with a token that names another organization, for
 * before each use of the role: where it is not, a customer could name the role of another one, and the platform would
 * write there in that one's name. Delivery must not hang on whether a verification has been looked at. `ask` asks for a
 * session in the way that it is given.
 */
export function guardedRole(
  kind: RoleCredentials["kind"],
  ask: (wrong: WrongRequest) => Promise<unknown>,
  context: Pick<SinkContext, "organization" | "stream" | "clock">,
): () => Promise<void> {
  let provenAt: number | undefined;
  return async () => {
    const now = context.clock.now();
    if (provenAt !== undefined && now >= provenAt && now - provenAt < provenForMs) return;
    for (const wrong of wrongRequests(kind, context)) await refused(kind, () => ask(wrong));
    provenAt = now;
  };
}

async function refused(kind: RoleCredentials["kind"], ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (thrown) {
    // Whatever else was wrong tells nothing of the role.
    if (!refusesRole(readAwsError(thrown), { aws: true })) throw thrown;
    return;
  }
  throw new OpenRoleError(kind);
}
