import { expect, it } from "vitest";
import { type Episode, nextEpisode } from "./alert-episode.ts";
import { troublesOf } from "./alert-rules.ts";
import { defaultAlertSettings as settings } from "./alerts.ts";
import type { StreamStatus } from "./stream-status.ts";
import { plainStatus } from "./testing/plain-status.ts";
import { hourMs } from "./time.ts";

const start = Date.UTC(2026, 10, 26);
const refused: StreamStatus["health"]["verification"] = {
  ok: false,
  at: start,
  of: "settings",
  steps: [{ name: "write", status: "failed", detail: "Access denied.", fix: "Allow s3:PutObject." }],
};
const working: StreamStatus["health"]["verification"] = { ok: true, at: start, of: "settings", steps: [] };

function statusOf(
  state: StreamStatus["health"]["state"],
  verification: StreamStatus["health"]["verification"],
): StreamStatus {
  return plainStatus(start, { state, ...(verification !== undefined && { verification }) });
}

/**
 * What is told while a stream goes through these states, looked at every 15 s. The second reminder comes 5 h after
 * an opening: in the stretch after it.
 */
function told(states: readonly StreamStatus[], stretchMs = 4.5 * hourMs): readonly string[] {
  const lines: string[] = [];
  const episodes = new Map<string, Episode>();
  states.forEach((status, i) => {
    for (let now = start + i * stretchMs; now < start + (i + 1) * stretchMs; now += settings.everyMs) {
      const troubles = troublesOf({ status }, now, settings);
      for (const kind of ["blocked", "disconnected", "verification_failed"] as const) {
        const trouble = troubles.find((one) => one.kind === kind);
        const step = nextEpisode(episodes.get(kind), trouble, status, { now, settings, mint: () => kind });
        if (step === undefined) continue;
        episodes.set(kind, step.episode);
        if (step.tell !== undefined) lines.push(`${i} ${step.tell} ${kind}`);
      }
    }
  });
  return lines;
}

it("one cause is told of once: a stream that is blocked needs no second alert of its failed verification", () => {
  expect(told([statusOf("blocked", refused), statusOf("active", working)])).toEqual([
    "0 opened blocked",
    "0 reminder blocked",
    "1 recovered blocked",
  ]);
});

it("a failed verification waits a minute for the delivery that follows it", () => {
  const [active, blocked] = [statusOf("active", refused), statusOf("blocked", refused)];
  expect(told([active, blocked, blocked], 45_000)).toEqual(["1 opened blocked"]);
  expect(told([active, active], 45_000)).toEqual(["1 opened verification_failed"]);
});

it("a failed verification whose stream is blocked next stays open without a word, and ends with its cause", () => {
  const lines = told([statusOf("active", refused), statusOf("blocked", refused), statusOf("active", working)]);
  expect(lines.filter((line) => line.endsWith("verification_failed"))).toEqual([
    "0 opened verification_failed",
    "0 reminder verification_failed",
    "2 recovered verification_failed",
  ]);
});

it("a verification that still fails when its stream flows again is told of then", () => {
  expect(told([statusOf("disconnected", refused), statusOf("active", refused)])).toEqual([
    "0 opened disconnected",
    "0 reminder disconnected",
    "1 opened verification_failed",
    "1 recovered disconnected",
    "1 reminder verification_failed",
  ]);
});
