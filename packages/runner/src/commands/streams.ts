import { readFileSync } from "node:fs";
import {
  HeadgateError,
  isHeadgateError,
  type Sink,
  silentLogger,
  type StreamRecord,
  systemClock,
} from "@headgate/core";
import { parse } from "yaml";
import { checkAgainst } from "../config/check.ts";
import { pathText } from "../config/problem.ts";
import { commandConfig, embedded, storedView } from "../embedded.ts";
import { configuredStore } from "../open-store.ts";
import { builtInSinks } from "../sinks.ts";
import { streamJson, streamsTable } from "../stream-view.ts";
import { countText, plural, timeText } from "../terminal/numbers.ts";
import { createStopSignal } from "../terminal/stop-signal.ts";
import { tableText } from "../terminal/table.ts";
import { type Command, configOption, defineCommand, exitCode, needed, UsageError } from "./command.ts";

const organizationOption = {
  type: "string",
  value: "ORG",
  description: "Only the streams of this organization.",
} as const;

const list: Command = defineCommand({
  description: "Lists the streams that the store knows, those of a configuration file and those created beside it.",
  options: { ...configOption, organization: organizationOption },
  examples: ["headgate streams list -c headgate.yaml"],
  async run({ values, terminal }) {
    await using view = await storedView(values.config);
    const streams: StreamRecord[] = [];
    for (let after: string | undefined; ;) {
      const page = await view.headgate.streams.list({
        limit: 500,
        ...(after !== undefined && { after }),
        ...(values.organization !== undefined && { organization: values.organization }),
      });
      streams.push(...page);
      after = page.at(-1)?.id;
      if (page.length < 500) break;
    }
    const rows = streams.map(({ id, organization, sink, paused, declared, createdAt }) => [
      id,
      organization,
      sink,
      declared ? "configuration" : "created",
      paused ? "paused" : "running",
      timeText(createdAt),
    ]);
    const json = streams.map(({ id, organization, sink, options, paused, declared, createdAt, start }) => ({
      id,
      organization,
      sink,
      options,
      paused,
      declared,
      created_at: new Date(createdAt).toISOString(),
      after_sequence: start,
    }));
    await terminal.print(
      values.json === true
        ? `${JSON.stringify({ streams: json }, undefined, 2)}\n`
        : rows.length === 0
          ? "There are no streams.\n"
          : tableText(["STREAM", "ORGANIZATION", "SINK", "FROM", "STATE", "CREATED"], rows),
    );
    return exitCode.done;
  },
});

const create: Command = defineCommand({
  description:
    "Creates a stream in the store, beside those of the configuration file. Its options are those of the file form, in snake_case, from a YAML or JSON file; they may not hold secrets, which only a configuration file may name.",
  options: {
    ...configOption,
    organization: { type: "string", value: "ORG", description: "Organization whose events are delivered." },
    sink: {
      type: "string",
      value: "SINK",
      description: `Kind of destination: ${builtInSinks.map(({ type }) => type).join(", ")}.`,
    },
    options: { type: "string", value: "FILE", description: "File with the sink's options." },
    id: { type: "string", value: "ID", description: "Id of the stream. Default: a UUID." },
    from: {
      type: "string",
      value: "start|now",
      description: "Begin with all that the journal holds, or with what comes next. Default: start.",
    },
  },
  examples: [
    "headgate streams create -c headgate.yaml --organization acme --sink s3 --options acme-s3.yaml --id acme-s3",
  ],
  async run({ values, terminal }) {
    const organization = needed(values.organization, "--organization ORG");
    const type = needed(values.sink, "--sink SINK");
    const file = needed(values.options, "--options FILE");
    if (values.from !== undefined && values.from !== "start" && values.from !== "now")
      throw new UsageError("--from must be start or now.");
    const definition = builtInSinks.find((sink) => sink.type === type);
    if (definition === undefined)
      throw new UsageError(`There is no sink "${type}" (known: ${builtInSinks.map((sink) => sink.type).join(", ")}).`);
    const given = readOptions(file);
    const problems = checkAgainst(definition.schema, given).map(
      ({ path, message }) => `${pathText(path) || "it"} ${message}`,
    );
    if (problems.length > 0) throw new UsageError(`The options in ${file} are wrong: ${problems.join("; ")}.`);
    // Whether an endpoint may be insecure is the operator's word, which stands in the configuration of a stream alone.
    const options = definition.fromConfig(given, { allowInsecureEndpoint: false });
    await using headgate = embedded(configuredStore(commandConfig(values.config, "store").store));
    const status = await headgate.streams.create(organization, {
      sink: type,
      options,
      ...(values.id !== undefined && { id: values.id }),
      from: values.from ?? "start",
    });
    await terminal.print(
      values.json === true
        ? `${JSON.stringify(streamJson(status))}\n`
        : `Stream ${status.id} is created, with ${plural(status.pending, "event")} pending. A runner takes it up within seconds; \`headgate streams verify ${status.id}\` checks its destination.\n`,
    );
    return exitCode.done;
  },
});

function readOptions(file: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parse(readFileSync(file, "utf8"));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new UsageError(
      code === undefined
        ? `${file} is not valid YAML or JSON: ${message.split("\n")[0] ?? ""}.`
        : `The file ${file} cannot be read (${code}).`,
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UsageError(`${file} must hold a mapping of options.`);
  return value as Readonly<Record<string, unknown>>;
}

const verify: Command = defineCommand({
  description:
    "Checks a stream's destination step by step, with the credentials that it will use, and says of each step that fails what to do. Delivers no event. Exits with 3 where a step failed.",
  positionals: "STREAM",
  maxPositionals: 1,
  options: { ...configOption },
  examples: ["headgate streams verify -c headgate.yaml acme-s3"],
  async run({ values, positionals, terminal }) {
    const id = needed(positionals[0], "The stream's id");
    using stop = createStopSignal(process, () => terminal.note("Stopping."));
    await using sink = await sinkOf(id, values.config);
    if (sink.verify === undefined) throw new UsageError(`Streams to ${sink.name} have no verification.`);
    const steps = [];
    for await (const step of sink.verify({ signal: stop.signal })) {
      steps.push(step);
      if (values.json === true) continue;
      await terminal.print(`${step.status.padEnd(7)}  ${step.name}: ${step.detail}\n`);
      if (step.fix !== undefined) await terminal.print(`         ${step.fix}\n`);
    }
    const ok = steps.every(({ status }) => status !== "failed");
    if (values.json === true) await terminal.print(`${JSON.stringify({ stream: id, ok, steps }, undefined, 2)}\n`);
    return ok ? exitCode.done : exitCode.found;
  },
});

/** The sink of a stream of the configuration file, which may not have run yet, or of one that was created in the store. */
async function sinkOf(id: string, file: string | undefined): Promise<Sink> {
  const config = commandConfig(file);
  const declared = config.streams.find((stream) => stream.id === id);
  const found = declared ?? (await createdStream(id, file));
  const definition = builtInSinks.find(({ type }) => type === found.sink);
  if (definition === undefined) throw new HeadgateError("sink_unknown", `There is no sink "${found.sink}".`);
  const context = {
    stream: id,
    organization: found.organization,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  };
  return definition.create(found.options, context);
}

async function createdStream(id: string, file: string | undefined): Promise<StreamRecord> {
  try {
    await using view = await storedView(file);
    const record = await view.headgate.streams.get(id);
    if (record !== undefined) return record;
  } catch (error) {
    if (!isHeadgateError(error, "store_unavailable")) throw error;
  }
  throw new HeadgateError(
    "stream_unknown",
    `There is no stream "${id}", neither in the configuration nor in the store.`,
    {
      hint: "See `headgate streams list`.",
    },
  );
}

/** A command that changes one stream by its id. */
function change(
  description: string,
  verb: string,
  act: (streams: Awaited<ReturnType<typeof storedView>>["headgate"]["streams"], id: string) => Promise<string>,
): Command {
  return defineCommand({
    description,
    positionals: "STREAM",
    maxPositionals: 1,
    options: { ...configOption },
    examples: [`headgate streams ${verb} -c headgate.yaml acme-s3`],
    async run({ values, positionals, terminal }) {
      const id = needed(positionals[0], "The stream's id");
      await using view = await storedView(values.config);
      const said = await act(view.headgate.streams, id);
      const status = await view.headgate.streams.status(id);
      await terminal.print(values.json === true ? `${JSON.stringify(streamJson(status))}\n` : `${said}\n`);
      return exitCode.done;
    },
  });
}

const pause = change(
  "Stops delivering a stream; its events are kept, however long it takes. A runner at work notices within seconds.",
  "pause",
  async (streams, id) => {
    await streams.pause(id);
    return `Stream ${id} is paused. Its events are kept; \`headgate streams resume ${id}\` goes on.`;
  },
);

const resume = change(
  "Goes on delivering a stream that was paused, from where it stopped.",
  "resume",
  async (streams, id) => {
    await streams.resume(id);
    return `Stream ${id} is resumed.`;
  },
);

const reseal = change(
  "Consents to finishing a window that is blocked with codec_changed, because this process compresses with another version than it was sealed with. Requests that were under way then could be stored twice.",
  "reseal",
  async (streams, id) =>
    (await streams.reseal(id))
      ? `Stream ${id} may finish its window.`
      : `Stream ${id} has no window to finish: there is nothing to consent to.`,
);

const remove: Command = defineCommand({
  description:
    "Ends a stream, with its checkpoint and quarantine, and its claim on the events that it has not delivered. A stream of a configuration file begins anew at the next start unless it is taken out there first.",
  positionals: "STREAM",
  maxPositionals: 1,
  options: {
    ...configOption,
    force: { type: "boolean", description: "Also where events are pending, which it will never deliver." },
  },
  examples: ["headgate streams delete -c headgate.yaml acme-s3"],
  async run({ values, positionals, terminal }) {
    const id = needed(positionals[0], "The stream's id");
    await using view = await storedView(values.config);
    const { pending, quarantined } = await view.headgate.streams.status(id);
    if ((pending > 0 || quarantined > 0) && values.force !== true) {
      throw new UsageError(
        `Stream ${id} has ${plural(pending, "event")} pending and ${countText(quarantined)} in quarantine that it would never deliver. Add --force to delete it all the same.`,
      );
    }
    const last = await view.headgate.streams.delete(id);
    await terminal.print(
      values.json === true
        ? `${JSON.stringify(streamJson(last))}\n`
        : `Stream ${id} is deleted.\n${streamsTable([last], Date.now())}`,
    );
    return exitCode.done;
  },
});

const replay: Command = defineCommand({
  description:
    "Delivers a range of a stream again. Not in this version: `headgate export` writes any range of the journal meanwhile.",
  positionals: "STREAM",
  maxPositionals: 1,
  options: { ...configOption },
  examples: ["headgate export --organization acme --from 2025-07-16T00:00:00Z --to 2025-07-17T00:00:00Z"],
  run: () =>
    Promise.reject(
      new UsageError("Replay is not in this version. `headgate export` writes any range of the journal meanwhile."),
    ),
});

/** `headgate streams …`. */
export const streamsCommands: Readonly<Record<string, Command>> = {
  list,
  create,
  verify,
  pause,
  resume,
  reseal,
  replay,
  delete: remove,
};
