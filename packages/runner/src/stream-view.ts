import type { StreamStatus } from "@headgate/core";
import { countText, durationText, timeText } from "./terminal/numbers.ts";
import { tableText } from "./terminal/table.ts";

/** A table of streams, and below it what is wrong with those in trouble. `now` is Unix ms. */
export function streamsTable(streams: readonly StreamStatus[], now: number): string {
  if (streams.length === 0) return "There are no streams.\n";
  const rows = streams.map((status) => [
    status.id,
    status.organization,
    status.sink,
    status.health.state,
    countText(status.delivered),
    countText(status.quarantined),
    countText(status.filtered),
    countText(status.lost),
    countText(status.pending),
    status.oldestPendingAt === undefined ? "-" : durationText(Math.max(0, now - status.oldestPendingAt)),
    status.lastStreamed === undefined ? "never" : timeText(status.lastStreamed.at),
  ]);
  const head = [
    "STREAM",
    "ORGANIZATION",
    "SINK",
    "STATE",
    "DELIVERED",
    "QUARANTINED",
    "FILTERED",
    "LOST",
    "PENDING",
    "OLDEST",
    "LAST STREAMED",
  ];
  const table = tableText(head, rows, ["DELIVERED", "QUARANTINED", "FILTERED", "LOST", "PENDING", "OLDEST"]);
  return table + streams.filter(inTrouble).map(trouble).join("") + streams.map(unverified).join("");
}

/** A stream in trouble says so itself; of one that delivers, what its verification found may still matter. */
function unverified(stream: StreamStatus): string {
  const { verification } = stream.health;
  if (verification === undefined || verification.ok || inTrouble(stream)) return "";
  const failed = verification.steps.filter(({ status }) => status === "failed");
  const findings = failed.map(({ name, detail, fix }) => `  ${name}: ${detail}${fix === undefined ? "" : ` ${fix}`}\n`);
  return `\n${stream.id} failed its verification at ${timeText(verification.at)}:\n${findings.join("")}`;
}

function inTrouble({ health }: StreamStatus): boolean {
  return health.state === "degraded" || health.state === "disconnected" || health.state === "blocked";
}

function trouble({ id, health }: StreamStatus): string {
  const { lastError } = health;
  if (lastError === undefined) return "";
  return `\n${id} has been ${health.state} since ${timeText(health.since)}: ${lastError.message}${lastError.hint === undefined ? "" : ` ${lastError.hint}`}\n`;
}
