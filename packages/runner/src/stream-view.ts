import type { StreamStatus } from "@headgate/core";
import { countText, durationText, timeText } from "./terminal/numbers.ts";
import { tableText } from "./terminal/table.ts";

/** A stream's status as commands print it with `--json`: snake_case, times as UTC text. */
export function streamJson(status: StreamStatus): Readonly<Record<string, unknown>> {
  const { health, lastStreamed, oldestPendingAt } = status;
  const time = (instant: number): string => new Date(instant).toISOString();
  return {
    id: status.id,
    organization: status.organization,
    sink: status.sink,
    health: {
      state: health.state,
      since: time(health.since),
      consecutive_failures: health.consecutiveFailures,
      ...(health.nextAttemptAt !== undefined &&
        Number.isFinite(health.nextAttemptAt) && { next_attempt_at: time(health.nextAttemptAt) }),
      ...(health.lastError !== undefined && {
        last_error: {
          code: health.lastError.code,
          message: health.lastError.message,
          ...(health.lastError.hint !== undefined && { hint: health.lastError.hint }),
          ...(health.lastError.vendorCode !== undefined && { vendor_code: health.lastError.vendorCode }),
          at: time(health.lastError.at),
        },
      }),
      ...(health.verification !== undefined && {
        verification: {
          ok: health.verification.ok,
          at: time(health.verification.at),
          steps: health.verification.steps,
        },
      }),
    },
    accepted: status.accepted,
    delivered: status.delivered,
    quarantined: status.quarantined,
    pending: status.pending,
    pending_bytes: status.pendingBytes,
    ...(oldestPendingAt !== undefined && { oldest_pending_at: time(oldestPendingAt) }),
    ...(lastStreamed !== undefined && {
      last_streamed: {
        sequence: lastStreamed.sequence,
        occurred_at: time(lastStreamed.occurredAt),
        at: time(lastStreamed.at),
        receipt: lastStreamed.receipt,
      },
    }),
  };
}

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
    "PENDING",
    "OLDEST",
    "LAST STREAMED",
  ];
  const table = tableText(head, rows, ["DELIVERED", "QUARANTINED", "PENDING", "OLDEST"]);
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
