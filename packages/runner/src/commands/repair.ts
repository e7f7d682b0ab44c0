import type { StreamRecord } from "@headgate/core";
import { parseDuration } from "../config/units.ts";
import { storedView } from "../embedded.ts";
import { planRepair, type RepairPlan } from "../repair/plan.ts";
import { readReport } from "../repair/read-report.ts";
import type { Remaining } from "../repair/remaining.ts";
import { normalized, within } from "../repair/ranges.ts";
import { repairJson, type RepairResult, repairText } from "../repair/repair-text.ts";
import { type Repaired, runRepair } from "../repair/run-repair.ts";
import { type Wanted, wantedOf } from "../repair/wanted.ts";
import { countText, plural } from "../terminal/numbers.ts";
import { createStopSignal } from "../terminal/stop-signal.ts";
import type { StoredView } from "../embedded.ts";
import { type Command, configOption, defineCommand, exitCode, needed, UsageError } from "./command.ts";

export const repairCommand: Command = defineCommand({
  description:
    "Brings back what an audit found to be missing: reads the report that `headgate audit --json` wrote, has each stream of it replay the objects and sequences that are missing, waits until they are back, and says what could not be repaired, and why. Nothing is doubled, so it may be killed, and run again. An object that was altered stays at its key, and is named: delete it or move it aside first. A runner at work delivers the replays; where there is none, this command does, as `headgate run` would. A place without digests does not tell whose it is: name its stream with --stream. Exits with 0 where everything is back, 1 where a replay did not get through, 3 where something cannot be repaired. Audit again afterwards: only that proves it.",
  options: {
    ...configOption,
    report: {
      type: "string",
      value: "FILE|-",
      description: "The audit's report, written with --json; - reads standard input.",
    },
    stream: { type: "string", value: "ID", description: "Repair this stream alone." },
    "dry-run": { type: "boolean", description: "Say what would be done, and do nothing." },
    patience: {
      type: "string",
      value: "TIME",
      description: "Give up waiting for a replay that has stood still for so long. Default: 60s.",
    },
  },
  examples: [
    "headgate repair -c headgate.yaml --report report.json --dry-run",
    "headgate repair -c headgate.yaml --report report.json",
  ],
  async run({ values, terminal }) {
    const file = needed(values.report, "--report FILE");
    const patienceMs = values.patience === undefined ? 60_000 : parseDuration(values.patience);
    if (patienceMs === undefined) throw new UsageError("--patience must be a duration such as 30s or 5m.");
    const report = await readReport(file);
    await using view = await storedView(values.config);
    const only = values.stream === undefined ? undefined : await view.headgate.streams.status(values.stream);
    if (only === undefined && report.chains.length === 0 && report.gaps.length > 0)
      throw new UsageError(
        "The report is of a place without digests, which names no stream. Name it with --stream ID.",
      );
    const wanted = wantedOf(report, only);
    const plans: RepairPlan[] = [];
    const remaining: Remaining[] = [...wanted.remaining];
    for (const one of wanted.streams) {
      const plan = await planOf(view, one);
      if ("cause" in plan) remaining.push(plan);
      else {
        remaining.push(...plan.remaining);
        plans.push(plan);
      }
    }
    using stop = createStopSignal(process, () => terminal.note("Stopping."));
    const dryRun = values["dry-run"] === true;
    const streams = dryRun
      ? plans.map((plan): Repaired => ({ plan, replays: [] }))
      : await runRepair(plans, {
          view,
          config: values.config,
          terminal,
          signal: stop.signal,
          patienceMs,
          onProgress: ({ stream, objects, events }) =>
            terminal.progress(
              () => `repairing ${stream}: ${plural(objects, "object")} and ${countText(events)} events looked after`,
            ),
        });
    terminal.endProgress();
    const result: RepairResult = { dryRun, streams, remaining: [...remaining, ...streams.flatMap(leftByReplays)] };
    await terminal.print(
      values.json === true ? `${JSON.stringify(repairJson(result), undefined, 2)}\n` : repairText(result),
    );
    if (streams.some(({ failed }) => failed !== undefined)) return exitCode.failed;
    return result.remaining.length === 0 ? exitCode.done : exitCode.found;
  },
});

async function planOf({ store, headgate }: StoredView, wanted: Wanted): Promise<RepairPlan | Remaining> {
  const { stream, organization, chain } = wanted;
  const record: StreamRecord | undefined = await headgate.streams.get(stream);
  // Somebody else's stream is no more there than one that never was.
  if (record === undefined || (organization !== undefined && organization !== record.organization))
    return { cause: "other_stream", stream };
  if (chain !== undefined && chain !== (record.chain ?? record.incarnation)) return { cause: "other_life", stream };
  return planRepair(store, record, wanted);
}

/** What replays could not deliver of what is missing. What else is in their ranges was not asked for. */
function leftByReplays({ plan, replays }: Repaired): readonly Remaining[] {
  const { stream, again } = plan;
  return replays.flatMap(({ lostRanges, refused }) => [
    ...lostRanges.flatMap(([first, last, why]): Remaining[] => {
      const cause = causeOf(why);
      return within(again, normalized([[first, last]])).map((sequences) => ({ cause, stream, sequences }));
    }),
    ...(refused > 0 ? [{ cause: "refused" as const, stream }] : []),
  ]);
}

/** What a replay calls it, as a repair does. */
function causeOf(why: string): Remaining["cause"] {
  if (why === "damaged") return "altered";
  return why === "trimmed" || why === "settings" || why === "unrecorded" ? why : "changed";
}
