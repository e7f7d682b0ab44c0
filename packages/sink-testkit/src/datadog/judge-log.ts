import { maxAgeMs, maxAheadMs, maxLogBytes } from "./limits.ts";
import type { DatadogLog } from "./model.ts";
import type { SentLog } from "./read-logs.ts";
import { reservedOf } from "./reserved.ts";

/** What becomes of a log after it was accepted. A log without a time has that of its arrival, `now` (Unix ms). */
export function judgeLog({ log, raw }: SentLog, now: number): Pick<DatadogLog, "truncated" | "dropped" | "reserved"> {
  const { by, time = now } = reservedOf(log);
  const dropped = now - time > maxAgeMs ? "too_old" : time - now > maxAheadMs ? "too_new" : undefined;
  return { truncated: raw.length > maxLogBytes, dropped, reserved: by };
}
