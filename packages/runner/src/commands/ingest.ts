import { resolve } from "node:path";
import { createPreparer, silentLogger } from "@headgate/core";
import { readMapping } from "../config/load.ts";
import { commandConfig, embedded } from "../embedded.ts";
import { configuredStore } from "../open-store.ts";
import { fileSource, type SourceProgress } from "../sources/index.ts";
import { bytesText, countText } from "../terminal/numbers.ts";
import { createStopSignal } from "../terminal/stop-signal.ts";
import { incompleteText, rejectedText } from "./source-notes.ts";
import { type Command, configOption, defineCommand, exitCode, needed, UsageError } from "./command.ts";

export const ingestCommand: Command = defineCommand({
  description:
    "Reads NDJSON, plain or gzip, from a file or standard input into an organization's journal, for whoever runs the streams to deliver. What was read is not read again: the same file once more adds only what is new in it. A line that is no event goes to quarantine with its number; the rest goes on.",
  positionals: "[EVENTS.ndjson|-]",
  maxPositionals: 1,
  options: {
    ...configOption,
    organization: { type: "string", value: "ORG", description: "Organization that the events belong to." },
    mapping: { type: "string", value: "FILE", description: "Field mapping for foreign records." },
  },
  examples: [
    "headgate ingest -c headgate.yaml --organization acme events.ndjson",
    "zcat audit.ndjson.gz | headgate ingest --organization acme --mapping mappings/github.yaml -",
  ],
  async run({ values, positionals, terminal }) {
    const organization = needed(values.organization, "--organization ORG");
    const [path = "-"] = positionals;
    const config = commandConfig(values.config, "journal");
    if (config.store.kind === "memory")
      throw new UsageError("A memory store ends with this command. Set store.kind to sqlite.");
    const problems: string[] = [];
    const mapping =
      values.mapping === undefined
        ? undefined
        : readMapping(resolve(values.mapping), [], (_at, message) => problems.push(`--mapping ${message}`));
    if (problems.length > 0)
      throw new UsageError(problems.map((problem) => `${problem.replace(/\.$/, "")}.`).join(" "));

    using stop = createStopSignal(process, () => terminal.note("Stopping; what was read is kept."));
    const store = configuredStore(config.store);
    await using headgate = embedded(store);
    await headgate.streams.list({ limit: 1 });
    const catalog = config.catalog === undefined ? {} : { catalog: config.catalog };
    const source = fileSource(
      { path: path === "-" ? "-" : resolve(path), organization, ...(mapping !== undefined && { mapping }) },
      {
        store,
        append: (owner, events) => headgate.appendPrepared(owner, events),
        preparer: createPreparer({ ...catalog, unknownActions: config.unknownActions }),
        logger: { ...silentLogger, warn: (message) => terminal.note(message) },
      },
    );
    const began = performance.now();
    const { read, accepted, duplicates, rejected, incomplete } = await source.run({
      signal: stop.signal,
      once: true,
      onProgress: (progress) => terminal.progress(() => progressText(progress, performance.now() - began)),
    });
    terminal.endProgress();
    await terminal.print(
      values.json === true
        ? `${JSON.stringify({ source: source.name, organization, read, accepted, duplicates, rejected, ...(incomplete !== undefined && { incomplete }) })}\n`
        : `${source.name}: ${countText(read)} read, ${countText(accepted)} accepted, ${countText(duplicates)} duplicates, ${countText(rejected)} rejected.\n${incomplete === undefined ? "" : `${incompleteText(source.name, incomplete)}\n`}`,
    );
    if (values.json === true && incomplete !== undefined) terminal.note(incompleteText(source.name, incomplete));
    if (rejected > 0) terminal.note("Rejected lines are in quarantine with the reason: headgate quarantine list.");
    const hopeless = rejectedText(source.name, { read, accepted, duplicates, rejected });
    if (hopeless !== undefined) terminal.note(hopeless);
    return stop.signal.aborted || incomplete !== undefined ? exitCode.failed : exitCode.done;
  },
});

function progressText({ read, bytes, totalBytes }: SourceProgress, ms: number): string {
  const rate = countText(Math.round(read / Math.max(0.001, ms / 1000)));
  return `reading: ${countText(read)} lines, ${bytesText(bytes)}${totalBytes === undefined ? "" : ` of ${bytesText(totalBytes)}`}, ${rate} lines/s`;
}
