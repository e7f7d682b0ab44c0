import type { Principal, Role } from "./principal.ts";
import { nothingHere, problem } from "./problem.ts";
import type { Access } from "./route.ts";

const allowed: Readonly<Record<Exclude<Access, "public">, readonly Role[]>> = {
  "signed-in": ["ingest", "viewer", "admin", "operator"],
  ingest: ["ingest", "admin", "operator"],
  view: ["viewer", "admin", "operator"],
  admin: ["admin", "operator"],
  operator: ["operator"],
};

/** Roles that may use a route, for its description. */
export function rolesOf(access: Access): readonly Role[] {
  return access === "public" ? [] : allowed[access];
}

/**
 * Lets a principal through, or not. What belongs to another organization does not exist: that is looked at first, so
 * that no answer depends on what is there.
 * @throws `not_found` for a foreign organization, `forbidden` for a role that may not
 */
export function assertAllowed(access: Access, principal: Principal, organization: string | undefined): void {
  if (access === "public") return;
  const foreign = organization !== undefined && organization !== principal.organization;
  if (foreign && principal.role !== "operator") throw nothingHere();
  if (allowed[access].includes(principal.role)) return;
  throw problem("forbidden", `This needs one of the roles ${allowed[access].join(", ")}; yours is ${principal.role}.`, {
    hint: "Ask an admin of your organization for a token, or an account, that may do this.",
  });
}

/** One text per principal, to count its requests by. */
export function principalKey({ actor, organization = "" }: Principal): string {
  return JSON.stringify([organization, actor.type, actor.id]);
}
