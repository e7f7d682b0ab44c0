import { randomBytes } from "node:crypto";
import type { SinkContext } from "@headgate/core";

/** Whom a token of the platform's issuer names. */
export type TokenOwner = Pick<SinkContext, "organization" | "stream">;

/** The same stream of an organization that there is not: no role may be given out for it. */
export function foreignOwner({ stream }: TokenOwner): TokenOwner {
  return { organization: randomBytes(5).toString("hex"), stream };
}
