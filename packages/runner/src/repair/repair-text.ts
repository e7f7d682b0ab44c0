import { printable } from "@headgate/audit";
import { countText, plural } from "../terminal/numbers.ts";
import { eventsOf } from "./plan.ts";
import type { Range } from "./ranges.ts";
import { causes, type Remaining } from "./remaining.ts";
import type { Repaired } from "./run-repair.ts";

/** Lines of a kind that are shown to people; `--json` has them all. */
const shown = 20;

/** What a repair came to, or with `dryRun` would do. */
export interface RepairResult {
  readonly dryRun: boolean;
  readonly streams: readonly Repaired[];
  readonly remaining: readonly Remaining[];
}

/** A repair's result as `--json` prints it. */
export function repairJson({ dryRun, streams, remaining }: RepairResult): object {
  return {
    repaired: remaining.length === 0 && streams.every(({ failed }) => failed === undefined),
    dry_run: dryRun,
    streams: streams.map(({ plan, replays, failed }) => ({
      stream: plan.stream,
      organization: plan.organization,
      objects: plan.objects,
      events: eventsOf(plan),
      sequences: plan.again,
      replays: plan.replays.length,
      replays_done: replays.length,
      ...(failed !== undefined && { failed }),
    })),
    remaining: remaining.map(({ cause, ...where }) => ({ cause, ...where, message: causes[cause] })),
  };
}

/** The same for people. */
export function repairText({ dryRun, streams, remaining }: RepairResult): string {
  const lines = streams.flatMap((stream) => streamLines(stream, dryRun));
  if (remaining.length > 0) lines.push(`${plural(remaining.length, "thing")} that no replay mends:`);
  for (const one of remaining.slice(0, shown)) lines.push(`  ${whereText(one)}: ${causes[one.cause]}.`);
  if (remaining.length > shown) lines.push(`  and ${countText(remaining.length - shown)} more; --json lists them`);
  if (lines.length === 0) lines.push("There is nothing to repair.");
  return `${lines.map(printable).join("\n")}\n`;
}

function streamLines({ plan, failed }: Repaired, dryRun: boolean): readonly string[] {
  const { stream, objects, again, replays } = plan;
  const what = [
    ...(objects > 0 ? [plural(objects, "object")] : []),
    `${plural(eventsOf(plan), "event")}${again.length > 0 ? ` (sequences ${someText(again)})` : ""}`,
  ].join(", ");
  if (failed !== undefined) return [`Stream ${stream}: ${what} of which not all are back. ${failed}`];
  if (replays.length === 0) return [];
  // Where an end was cut off, nobody knows beforehand what had gone.
  if (again.length === 0)
    return [`Stream ${stream}: what the report cannot name ${dryRun ? "would be" : "was"} sent again.`];
  return [`Stream ${stream}: ${what} ${dryRun ? "would be" : "were"} sent again.`];
}

function whereText({ stream, key, digests, sequences }: Remaining): string {
  const of = stream === undefined ? "" : ` of stream ${stream}`;
  if (key !== undefined) return `${key}${of}`;
  if (digests !== undefined) return `${digests[0] === digests[1] ? "digest" : "digests"} ${rangeText(digests)}${of}`;
  if (sequences !== undefined)
    return `${sequences[0] === sequences[1] ? "sequence" : "sequences"} ${rangeText(sequences)}${of}`;
  return stream === undefined ? "the report" : `stream ${stream}`;
}

function someText(ranges: readonly Range[]): string {
  return `${ranges.slice(0, 5).map(rangeText).join(", ")}${ranges.length > 5 ? ", …" : ""}`;
}

function rangeText([first, last]: Range): string {
  return first === last ? String(first) : `${first} to ${last}`;
}
