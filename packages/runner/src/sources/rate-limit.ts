import { retryAfterMs } from "@headgate/egress";

/** Requests that may still be sent, and how long until there are more. */
export interface RateLimit {
  readonly remaining: number;
  /** From now, in ms, by the service's own clock where it tells it. */
  readonly resetMs: number;
}

/** A service that asks for a longer wait is asked again after this, in ms. */
const mostMs = 3_600_000;

type Headers = Readonly<Record<string, string>>;

/**
 * Reads the headers of a rate limit: `x-ratelimit-…` as GitHub writes them
 * (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api), `x-rate-limit-…` as Okta does
 * (https://developer.okta.com/docs/reference/rl-best-practices/). Both give the reset in Unix seconds. `now` is in Unix ms.
 */
export function rateLimit(headers: Headers, now: number): RateLimit | undefined {
  const read = (name: string): number => {
    const text = headers[`x-ratelimit-${name}`] ?? headers[`x-rate-limit-${name}`];
    return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  };
  const remaining = read("remaining");
  const reset = read("reset");
  if (Number.isNaN(remaining) || Number.isNaN(reset)) return undefined;
  // The clocks of two machines differ, and a wait that ends a second early is a request too many.
  const served = serverTime(headers) ?? now;
  return { remaining, resetMs: Math.min(mostMs, Math.max(0, reset * 1000 - served) + 1000) };
}

/** How long a refused request asks to wait, in ms; undefined where it does not say. */
export function askedWait(headers: Headers, now: number): number | undefined {
  const limit = rateLimit(headers, now);
  return retryAfterMs(headers, now) ?? (limit?.remaining === 0 ? limit.resetMs : undefined);
}

/** The service's clock as its reply tells it, in Unix ms, to the second. */
export function serverTime(headers: Headers): number | undefined {
  const instant = Date.parse(headers["date"] ?? "");
  return Number.isNaN(instant) ? undefined : instant;
}
