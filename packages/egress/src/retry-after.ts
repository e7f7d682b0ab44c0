/** Longest wait that is believed, in ms: beyond it a destination is as good as down, and is looked at again. */
const mostMs = 3_600_000;

/**
 * The wait that a reply asks for with `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3), in ms from `now` (Unix
 * ms), an hour at most. Undefined where it asks for none, or for something that cannot be read.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const text = headers["retry-after"]?.trim();
  if (text === undefined || text === "") return undefined;
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(mostMs, Math.max(0, Math.ceil(ms)));
}
