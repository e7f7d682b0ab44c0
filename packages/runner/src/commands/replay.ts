import { replayJson } from "@headgate/api";
import { type Replay, type ReplayRange } from "@headgate/core";
import { storedView } from "../embedded.ts";
import { plural } from "../terminal/numbers.ts";
import { type Command, configOption, defineCommand, exitCode, needed, UsageError } from "./command.ts";
import { instant } from "./instant.ts";
import { recordOperatorChange } from "./operator-record.ts";

/** Ranges of lost events that are shown to people; `--json` has them all. */
const shown = 20;

/** Why events were not delivered again, in words, by what a replay calls it. */
export const lostReasons: Readonly<Record<string, string>> = {
  trimmed: "the journal holds them no more",
  settings: "the stream writes elsewhere, or in another way, by now",
  unrecorded: "they were delivered before objects were recorded",
  damaged: "what is at the object's key is not what was stored there: move it aside, and replay again",
  changed: "what was stored cannot be made again",
};

export const replayCommand: Command = defineCommand({
  description:
    "Has the runner deliver a range of a stream once more: all that the journal holds, or some sequences, or the events of a time. In a bucket or folder nothing is doubled: what is there stays as it is, what has gone comes back under the same key, and what came before the stream began is stored in objects of its own. This is how a gap that headgate audit has found is filled. Splunk and Datadog get the events again, with the same id and sequence. With --into, another stream of the same organization delivers the range, with its own filter, privacy and format; the replay is that stream's then. A runner at work begins within seconds; without one, the next run does. With --status it tells how the replay stands; with --cancel it ends it.",
  positionals: "STREAM",
  maxPositionals: 1,
  options: {
    ...configOption,
    "first-sequence": { type: "string", value: "N", description: "The first sequence. Default: the first there is." },
    "last-sequence": { type: "string", value: "N", description: "The last sequence. Default: the last there is." },
    from: { type: "string", value: "TIME", description: "Events that occurred then or later." },
    to: { type: "string", value: "TIME", description: "Events that occurred before." },
    into: { type: "string", value: "OTHER", description: "The organization's stream that delivers. Default: STREAM." },
    status: { type: "boolean", description: "Tells how the stream's replay stands, or how the last one ended." },
    cancel: { type: "boolean", description: "Ends the stream's replay where it stands." },
  },
  examples: [
    "headgate streams replay -c headgate.yaml acme-s3",
    "headgate streams replay -c headgate.yaml acme-s3 --first-sequence 4100 --last-sequence 4200",
    "headgate streams replay -c headgate.yaml acme-hec --from 2025-07-16T09:00:00Z --to 2025-07-16T12:00:00Z",
    "headgate streams replay -c headgate.yaml acme-s3 --from 2025-07-01 --to 2025-07-16 --into acme-hec",
    "headgate streams replay -c headgate.yaml acme-s3 --status",
  ],
  async run({ values, positionals, terminal }) {
    const id = needed(positionals[0], "The stream's id");
    const range: ReplayRange = {
      ...(values["first-sequence"] !== undefined && {
        firstSequence: whole("--first-sequence", values["first-sequence"]),
      }),
      ...(values["last-sequence"] !== undefined && { lastSequence: whole("--last-sequence", values["last-sequence"]) }),
      ...(values.from !== undefined && { from: instant("--from", values.from) }),
      ...(values.to !== undefined && { to: instant("--to", values.to) }),
    };
    const asks = values.status === true || values.cancel === true;
    if (asks && (values.into !== undefined || Object.keys(range).length > 0))
      throw new UsageError("--status and --cancel take no range and no --into: name the stream that delivers.");
    await using view = await storedView(values.config);
    const { streams } = view.headgate;
    const { organization } = await streams.status(id);
    const { into = id } = values;
    const record = async (action: string, metadata = {}): Promise<void> => {
      const { name = into } = await streams.status(into);
      await recordOperatorChange(view.headgate, {
        action: `headgate.stream.${action}`,
        organization,
        target: { type: "headgate.stream", id: into, name },
        metadata,
      });
    };
    if (values.cancel === true && (await streams.cancelReplay(id))) await record("replay_cancelled");
    let replay: Replay | undefined;
    if (asks) replay = await streams.replayOf(id);
    else {
      replay = await streams.replay(id, range, { into });
      await record("replayed", { ...replayJson(replay).range, ...(into !== id && { asked_of: id }) });
    }
    if (replay === undefined) throw new UsageError(`Stream ${id} has never replayed anything.`);
    await terminal.print(values.json === true ? `${JSON.stringify(replayJson(replay))}\n` : replayText(replay, !asks));
    return exitCode.done;
  },
});

function replayText(replay: Replay, begun: boolean): string {
  const { stream, state, objects, events, refused, lost, lostRanges } = replay;
  if (begun)
    return `The replay of stream ${stream} is written down; a runner begins within seconds. \`headgate streams replay ${stream} --status\` tells how it stands.\n`;
  const verb = { running: "is under way", done: "is done", cancelled: "was cancelled" }[state];
  const lines = [
    `The replay of stream ${stream} ${verb}: ${plural(events, "event")} delivered, ${plural(objects, "object")} of before at the destination, ${plural(refused, "event")} refused.`,
  ];
  if (lost > 0) lines.push(`${plural(lost, "event")} could not be delivered again:`);
  for (const [from, to, why] of lostRanges.slice(0, shown)) lines.push(`  ${from}–${to}: ${lostReasons[why] ?? why}`);
  if (lostRanges.length > shown) lines.push("  …; --json lists more");
  return `${lines.join("\n")}\n`;
}

function whole(option: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number > 0) return number;
  throw new UsageError(`${option} must be a whole number from 1.`);
}
