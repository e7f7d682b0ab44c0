import type { Clock } from "@headgate/core";
import { isJson } from "./media-type.ts";
import type { Principal } from "./principal.ts";
import { problem } from "./problem.ts";
import { rateLimit, slowDown } from "./rate-limit.ts";
import type { Tokens } from "./tokens.ts";

/** How requests tell whose they are. */
export interface AuthenticationOptions {
  readonly session: ((request: Request) => Promise<Principal | undefined> | Principal | undefined) | undefined;
  /** Absent where bearer tokens are not taken. */
  readonly tokens: Pick<Tokens, "authenticate"> | undefined;
  readonly failuresPerMinute: number;
  readonly clock: Clock;
}

const roles: ReadonlySet<string> = new Set(["ingest", "viewer", "admin", "operator"]);

/**
 * Makes the function that finds out whose request it is: the host's session first, then a bearer token.
 * @throws `unauthenticated`, `forbidden` for a request that another site may have made, `too_many_requests`
 */
export function authentication(options: AuthenticationOptions): (request: Request) => Promise<Principal> {
  const { session, tokens, failuresPerMinute, clock } = options;
  // Of everybody: whoever guesses does not say who it is.
  const failures = rateLimit(failuresPerMinute, clock);

  async function bearer(header: string): Promise<Principal | undefined> {
    const [, token] = /^Bearer +([\x21-\x7e]{1,512}) *$/i.exec(header) ?? [];
    return token === undefined ? undefined : await tokens?.authenticate(token);
  }

  return async (request) => {
    // A hook in JavaScript may well say null.
    const found = (await session?.(request)) ?? undefined;
    if (found !== undefined) {
      assertPrincipal(found);
      assertOwnSite(request);
      return found;
    }
    const header = request.headers.get("authorization");
    const principal = header === null ? undefined : await bearer(header);
    if (principal !== undefined) return principal;
    // Whose credentials are right gets through, however many guess: 256 random bits are not found by guessing, and a
    // limit that also held back those who are right would let anybody lock everybody out.
    if (header !== null) {
      if (!failures.has(""))
        throw slowDown(60_000 / failuresPerMinute, "There have been too many requests with wrong credentials.");
      failures.take("");
    }
    throw problem(
      "unauthenticated",
      header === null ? "The request carries no credentials." : "The credentials of the request are not valid.",
      {
        ...(tokens !== undefined && {
          hint: "Send a token that has not been revoked: Authorization: Bearer hg_…",
          headers: { "www-authenticate": 'Bearer realm="headgate"' },
        }),
      },
    );
  };
}

/** A mistake of the host's code must not let anybody through. */
function assertPrincipal({ role, organization, actor }: Principal): void {
  // An operator reaches all organizations: one that names its own is most likely meant to reach that one alone.
  const scoped =
    role === "operator" ? organization === undefined : typeof organization === "string" && organization !== "";
  if (roles.has(role) && scoped && typeof actor?.id === "string" && typeof actor.type === "string") return;
  throw new TypeError("authenticate gave a principal without a known role, an actor, or its organization");
}

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * A browser sends the session's cookie also with what another site makes it send. Such a request cannot carry a header
 * of ours, nor a JSON body, without asking first, which nobody here allows.
 */
function assertOwnSite(request: Request): void {
  if (safeMethods.has(request.method) || request.headers.get("headgate-request") === "1") return;
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const own = site === null ? origin === new URL(request.url).origin : site === "same-origin";
  if (own && isJson(request.headers.get("content-type"))) return;
  throw problem(
    "forbidden",
    "A change that comes with a session must show that it comes from the platform's own pages.",
    {
      hint: "Send the header headgate-request: 1.",
    },
  );
}
