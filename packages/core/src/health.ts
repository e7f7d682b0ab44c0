import type { SinkFailure } from "./sink.ts";
import type { StreamHealth } from "./store.ts";
import type { Verification } from "./verification.ts";

/** What happened to a stream. */
export type HealthEvent =
  /** `resumed`: it goes on, or goes on with other settings; whether that works is to be seen. */
  | { readonly kind: "delivered" | "paused" | "resumed" }
  | {
      readonly kind: "retry" | "blocked";
      readonly error: SinkFailure;
      readonly nextAttemptAt: number;
      /** Other requests of the same turn were delivered. */
      readonly progressed?: boolean;
    }
  | { readonly kind: "verified"; readonly verification: Verification };

/** A stream that nothing is known of yet. */
export function initialHealth(now: number): StreamHealth {
  return { state: "unverified", since: now, consecutiveFailures: 0 };
}

/**
 * A stream's health after an event. Failing streams are degraded at first, and disconnected once they have failed for
 * `disconnectAfterMs` without a single delivery; blocked ones need a person. One delivery makes any of them active again. A verification decides on
 * a stream that has delivered nothing yet; of one that delivers, or fails to, delivery knows more.
 */
export function nextHealth(
  health: StreamHealth,
  event: HealthEvent,
  now: number,
  disconnectAfterMs: number,
): StreamHealth {
  switch (event.kind) {
    case "delivered":
      return enter(health, "active", now, { consecutiveFailures: 0 });
    case "paused":
      return enter(health, "paused", now, { consecutiveFailures: health.consecutiveFailures });
    case "resumed":
      return enter(health, "unverified", now, { consecutiveFailures: 0 });
    case "verified": {
      const { verification } = event;
      const { consecutiveFailures, failingSince, nextAttemptAt } = health;
      const found = {
        verification,
        consecutiveFailures,
        ...(failingSince !== undefined && { failingSince }),
        ...(nextAttemptAt !== undefined && { nextAttemptAt }),
      };
      const failed = verification.steps.find(({ status }) => status === "failed");
      if (health.state !== "unverified") return enter(health, health.state, now, found);
      if (failed === undefined) return enter(health, "active", now, found);
      const { name, detail, fix } = failed;
      const error = {
        code: "verification_failed",
        message: `${name}: ${detail}`,
        ...(fix !== undefined && { hint: fix }),
      } as const;
      return enter(health, "unverified", now, { ...found, lastError: { ...error, at: now } });
    }
    case "blocked":
    case "retry": {
      const { progressed = false } = event;
      const failing = !progressed && (health.state === "degraded" || health.state === "disconnected");
      const long = failing && (health.state === "disconnected" || now - health.since >= disconnectAfterMs);
      const state = event.kind === "blocked" ? "blocked" : long ? "disconnected" : "degraded";
      return enter(progressed ? { ...health, since: now } : health, state, now, {
        consecutiveFailures: progressed ? 1 : health.consecutiveFailures + 1,
        failingSince: progressed ? now : (health.failingSince ?? now),
        lastError: { ...event.error, at: now },
        nextAttemptAt: event.nextAttemptAt,
      });
    }
  }
}

function enter(
  health: StreamHealth,
  state: StreamHealth["state"],
  now: number,
  rest: Omit<StreamHealth, "state" | "since">,
): StreamHealth {
  const lastError = rest.lastError ?? health.lastError;
  const verification = rest.verification ?? health.verification;
  return {
    state,
    since: health.state === state ? health.since : now,
    ...rest,
    ...(lastError && { lastError }),
    ...(verification && { verification }),
  };
}
