import { csvHead, csvRow, searchEvents } from "@headgate/api";
import { storedView } from "../embedded.ts";
import { plural } from "../terminal/numbers.ts";
import { createStopSignal } from "../terminal/stop-signal.ts";
import { instant } from "./instant.ts";
import { recordOperatorChange } from "./operator-record.ts";
import { type Command, configOption, defineCommand, exitCode, needed, UsageError } from "./command.ts";

/** Bytes that are gathered before they are written. */
const writeBytes = 256 * 1024;

export const exportCommand: Command = defineCommand({
  description:
    "Writes an organization's events of a time to standard output, from the journal: as NDJSON, the stored lines to the byte, or as CSV that is safe to open in a spreadsheet. The journal holds what its retention and its streams keep in it.",
  options: {
    ...configOption,
    organization: { type: "string", value: "ORG", description: "Organization whose events are written." },
    from: {
      type: "string",
      value: "TIME",
      description: "Events that occurred then or later: 2025-07-16 or 2025-07-16T09:00:00Z.",
    },
    to: { type: "string", value: "TIME", description: "Events that occurred before." },
    action: {
      type: "string",
      value: "ACTION",
      description: "Events of this action; a * at the end stands for any rest.",
    },
    actor: { type: "string", value: "ACTOR", description: "Events whose actor has this id or name." },
    format: { type: "string", value: "ndjson|csv", description: "Default: ndjson." },
  },
  examples: [
    "headgate export -c headgate.yaml --organization acme --from 2025-07-16 --to 2025-07-17 > events.ndjson",
    "headgate export --organization acme --action 'user.*' --actor u_1 --format csv > events.csv",
  ],
  async run({ values, terminal }) {
    const organization = needed(values.organization, "--organization ORG");
    const format = values.format ?? "ndjson";
    if (format !== "ndjson" && format !== "csv") throw new UsageError("--format must be ndjson or csv.");
    const filter = {
      ...(values.from !== undefined && { from: instant("--from", values.from) }),
      ...(values.to !== undefined && { to: instant("--to", values.to) }),
      ...(values.action !== undefined && { actions: [values.action] }),
      ...(values.actor !== undefined && { actor: values.actor }),
    };
    if (filter.from !== undefined && filter.to !== undefined && filter.from > filter.to)
      throw new UsageError("--from is later than --to: there is no time between them.");
    using stop = createStopSignal(process, () => terminal.note("Stopping."));
    await using view = await storedView(values.config);
    const { journal } = view.store;
    if ((await journal.head(organization)).lastSequence === 0) {
      throw new UsageError(`The journal holds nothing of an organization "${organization}", and never has.`);
    }
    const first = await journal.firstSequence(organization);
    if (first > 1)
      terminal.note(`The journal begins with sequence ${first}: what came before is beyond the retention.`);

    const text = new TextDecoder();
    let parts: string[] = format === "csv" ? [csvHead] : [];
    let held = 0;
    let count = 0;
    const { lastSequence: through } = await journal.head(organization);
    // Who takes the log along is part of it. The file ends before that.
    await recordOperatorChange(view.headgate, {
      action: "headgate.audit_log.exported",
      category: "data",
      organization,
      target: { type: "headgate.audit_log", id: organization },
      metadata: {
        format,
        through_sequence: through,
        ...(values.from !== undefined && { from: values.from }),
        ...(values.to !== undefined && { to: values.to }),
        ...(values.action !== undefined && { action: values.action }),
        ...(values.actor !== undefined && { actor: values.actor }),
      },
    });
    for await (const { line } of searchEvents(journal, organization, filter, { after: 0, through })) {
      if (stop.signal.aborted) break;
      const decoded = text.decode(line);
      parts.push(format === "csv" ? csvRow(decoded) : decoded);
      held += line.length;
      count++;
      if (held < writeBytes) continue;
      await terminal.print(parts.join(""));
      parts = [];
      held = 0;
      terminal.progress(() => `exporting: ${plural(count, "event")}`);
    }
    terminal.endProgress();
    if (parts.length > 0) await terminal.print(parts.join(""));
    terminal.note(`${plural(count, "event")} written.`);
    return stop.signal.aborted ? exitCode.failed : exitCode.done;
  },
});
