import type { SinkFailure } from "./sink.ts";
import type { StreamHealth } from "./store.ts";

/** What happened to a stream. */
export type HealthEvent =
  | { readonly kind: "delivered" | "paused" | "resumed" }
  | { readonly kind: "retry" | "blocked"; readonly error: SinkFailure; readonly nextAttemptAt: number };

/** A stream that nothing is known of yet. */
export function initialHealth(now: number): StreamHealth {
  return { state: "unverified", since: now, consecutiveFailures: 0 };
}

/**
 * A stream's health after an event. Failing streams are degraded at first, and disconnected once they have failed for
 * `disconnectAfterMs`; blocked ones need a person. One delivery makes any of them active again.
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
    case "blocked":
    case "retry": {
      const failing = health.state === "degraded" || health.state === "disconnected";
      const long = failing && (health.state === "disconnected" || now - health.since >= disconnectAfterMs);
      const state = event.kind === "blocked" ? "blocked" : long ? "disconnected" : "degraded";
      return enter(health, state, now, {
        consecutiveFailures: health.consecutiveFailures + 1,
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
  return { state, since: health.state === state ? health.since : now, ...rest, ...(lastError && { lastError }) };
}
