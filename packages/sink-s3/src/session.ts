import type { Clock, Logger, Random } from "@headgate/core";
import type { AwsIdentity } from "./options.ts";

/** Credentials in use. Compared by identity: a renewed session is another object. */
export interface Session {
  readonly identity: AwsIdentity;
  /** Obtained because the one before was refused, and not accepted by the destination since. */
  onProbation: boolean;
}

/** Gives the current session and learns from the destination what it thinks of it. */
export interface SessionSource {
  /** Obtains or renews where needed; callers that come meanwhile share the one request. */
  current(): Promise<Session>;
  /** The destination took it. */
  accepted(session: Session): void;
  /**
   * The destination refused it as expired or unknown: the next `current` obtains another one. True when trying again
   * at once makes sense, false when this one was itself the replacement of a refused one.
   */
  refused(session: Session): boolean;
}

/** What a session is obtained from. */
export interface SessionOrigin {
  /** `force`: what was given before has been refused. */
  obtain(force: boolean): Promise<{
    readonly identity: AwsIdentity;
    /** From the request on. Undefined where the origin renews by itself: then it is asked every time. */
    readonly lifetimeMs: number | undefined;
  }>;
}

interface Held {
  readonly session: Session;
  /** Renewed in the background from here on. Unix ms. */
  renewAt: number;
  /** No longer handed out from here on. Unix ms. */
  readonly endsAt: number;
}

/** How long a failed renewal waits while the old session still works. */
const renewalPauseMs = 30_000;

/**
 * Keeps a session fresh: renewed in the background after 60 to 75 % of its life (spread, so that many streams do not
 * ask at once), in one shared request, and waited for only when the old one is about to end. Ends are reckoned from
 * the life that was asked for, not from the server's clock.
 */
export function sessionSource(
  origin: SessionOrigin,
  context: { readonly clock: Clock; readonly random: Random; readonly logger: Logger },
): SessionSource {
  const { clock, random, logger } = context;
  let held: Held | undefined;
  let pending: Promise<Session> | undefined;
  let refusedLast = false;

  async function obtain(): Promise<Session> {
    const asked = clock.now();
    const force = refusedLast;
    const { identity, lifetimeMs } = await origin.obtain(force);
    const same = held !== undefined && !force && sameIdentity(held.session.identity, identity);
    const session = same ? (held as Held).session : { identity, onProbation: force };
    const life = lifetimeMs ?? 0;
    held = { session, renewAt: asked + life * (0.6 + 0.15 * random()), endsAt: asked + life * 0.9 };
    refusedLast = false;
    return session;
  }

  function renew(): Promise<Session> {
    pending ??= obtain().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  return {
    current() {
      const now = clock.now();
      if (held === undefined || refusedLast || now >= held.endsAt) return renew();
      if (now >= held.renewAt && pending === undefined) {
        const { session } = held;
        renew().catch((error: unknown) => {
          if (held?.session === session) held.renewAt = clock.now() + renewalPauseMs;
          logger.warn("renewing the AWS session failed, the old one is still in use", { error: (error as Error).name });
        });
      }
      return Promise.resolve(held.session);
    },
    accepted(session) {
      session.onProbation = false;
    },
    refused(session) {
      if (held?.session === session) refusedLast = true;
      return !session.onProbation;
    },
  };
}

function sameIdentity(a: AwsIdentity, b: AwsIdentity): boolean {
  return (
    a.accessKeyId === b.accessKeyId && a.secretAccessKey === b.secretAccessKey && a.sessionToken === b.sessionToken
  );
}
