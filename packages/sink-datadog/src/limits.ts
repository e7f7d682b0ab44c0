import type { Framing, SinkLimits } from "@headgate/core";

/**
 * What the intake takes in one request, of bytes before compression: 1,000 logs, 5 MB. A log above 1 MB is cut, and the
 * answer is 202 all the same: https://docs.datadoghq.com/api/latest/logs/#send-logs
 *
 * One request at a time: 202 has no key that would make a repeat harmless, so a crash repeats one request and no more.
 */
export const intakeLimits: Pick<SinkLimits, "maxEvents" | "maxBytes" | "maxEventBytes" | "concurrency"> = {
  maxEvents: 1000,
  maxBytes: 5_000_000,
  maxEventBytes: 1_000_000,
  concurrency: 1,
};

const hourMs = 3_600_000;
const marginMs = 5 * 60_000;

/**
 * Oldest age of an event that is sent as it is, in ms. Datadog drops what is older than 18 h when it gets there, after a
 * 202: https://docs.datadoghq.com/logs/log_collection/. The margin is for the way there, and for clocks.
 */
export const maxAgeMs: number = 18 * hourMs - marginMs;

/** How far ahead of the clock an event that is sent may be, in ms: Datadog's 2 h, less the same margin. */
export const maxAheadMs: number = 2 * hourMs - marginMs;

/** A JSON array. */
export const arrayFraming: Framing = {
  prefix: new Uint8Array([0x5b]),
  separator: new Uint8Array([0x2c]),
  suffix: new Uint8Array([0x5d]),
};
