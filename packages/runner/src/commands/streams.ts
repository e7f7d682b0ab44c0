import { streamJson } from "@headgate/api";
import { readFileSync } from "node:fs";
import type { JsonObject, StreamRecord, StreamStatus } from "@headgate/core";
import { parse } from "yaml";
import { checkAgainst } from "../config/check.ts";
import { pathText } from "../config/problem.ts";
import { commandConfig, embedded, type RunnerHeadgate, storedView } from "../embedded.ts";
import { configuredStore } from "../open-store.ts";
import { builtInSinks } from "../sinks.ts";
import { streamsTable } from "../stream-view.ts";
import { createLogger } from "../terminal/logger.ts";
import { countText, plural, timeText } from "../terminal/numbers.ts";
import { tableText } from "../terminal/table.ts";
import { changedStream, noVerifyOption } from "./changed-stream.ts";
import { type Command, configOption, defineCommand, exitCode, needed, UsageError } from "./command.ts";
import { recordOperatorChange } from "./operator-record.ts";
import { streamSettings } from "./stream-settings.ts";
import { previewCommand } from "./preview.ts";
import { replayCommand } from "./replay.ts";
import { stepView, verdictText, verifyStream } from "./verification.ts";

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
    "Creates a stream in the store, beside those of the configuration file, and verifies its destination. Its options are those of the file form, in snake_case, from a YAML or JSON file; they may not hold secrets, which only a configuration file may name. Exits with 3 where a step of the verification failed; the stream stays.",
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
    name: { type: "string", value: "NAME", description: "What people call it. Default: its id." },
    from: {
      type: "string",
      value: "start|now",
      description: "Begin with all that the journal holds, or with what comes next. Default: start.",
    },
    ...noVerifyOption,
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
    const { store, allowedAddresses, oidc } = commandConfig(values.config, "setup");
    // Whether an endpoint may be insecure is the operator's word, which stands in the configuration of a stream alone.
    const options = definition.fromConfig(given, { allowInsecureEndpoint: false, allowedAddresses });
    const logger = createLogger({ level: "warn" }, terminal);
    const operator = { allowedAddresses, ...(oidc !== undefined && { oidc }) };
    await using headgate = embedded(configuredStore(store), { ...operator, logger });
    const asked = Date.now();
    const status = await headgate.streams.create(organization, {
      sink: type,
      options,
      ...(values.id !== undefined && { id: values.id }),
      ...(values.name !== undefined && { name: values.name }),
      from: values.from ?? "start",
    });
    const { id } = status;
    // One that was there already is no change.
    if (status.createdAt >= asked) await record(headgate, "created", status, { sink: type });
    const settings = { id, organization, sink: type, options, ...operator };
    return await changedStream({
      status,
      said: `Stream ${id} is created, with ${plural(status.pending, "event")} pending. A runner takes it up within seconds.`,
      advice: `The stream stays as it is; \`headgate streams verify ${id}\` looks again.`,
      settings: values["no-verify"] === true ? undefined : () => Promise.resolve(settings),
      terminal,
      json: values.json,
    });
  },
});

function readOptions(file: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new UsageError(`The file ${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? "unknown"}).`);
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw new UsageError(`${file} is not valid YAML or JSON: ${(cause as Error).message.split("\n")[0] ?? ""}`);
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
    const settings = await streamSettings(id, values.config);
    const show = stepView(terminal, values.json);
    const result = await verifyStream(settings, terminal, show);
    if (result === undefined) throw new UsageError(`Streams to ${settings.sink} have no verification.`);
    await terminal.print(
      values.json === true
        ? `${JSON.stringify({ stream: id, ...result }, undefined, 2)}\n`
        : `\n${verdictText(result)}`,
    );
    return result.ok ? exitCode.done : exitCode.found;
  },
});

/** A command that changes one stream by its id. */
function change(
  description: string,
  verb: string,
  act: (headgate: RunnerHeadgate, id: string) => Promise<string>,
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
      const said = await act(view.headgate, id);
      const status = await view.headgate.streams.status(id);
      await terminal.print(values.json === true ? `${JSON.stringify(streamJson(status))}\n` : `${said}\n`);
      return exitCode.done;
    },
  });
}

const pause = change(
  "Stops delivering a stream; its events are kept, however long it takes. A runner at work notices within seconds.",
  "pause",
  async (headgate, id) => {
    const before = await headgate.streams.status(id);
    await headgate.streams.pause(id);
    if (before.health.state !== "paused") await record(headgate, "paused", before);
    return `Stream ${id} is paused. Its events are kept; \`headgate streams resume ${id}\` goes on.`;
  },
);

const resume: Command = defineCommand({
  description:
    "Goes on delivering a stream that was paused, from where it stopped, and verifies its destination. Exits with 3 where a step of that failed; the stream is resumed all the same.",
  positionals: "STREAM",
  maxPositionals: 1,
  options: { ...configOption, ...noVerifyOption },
  examples: ["headgate streams resume -c headgate.yaml acme-s3"],
  async run({ values, positionals, terminal }) {
    const id = needed(positionals[0], "The stream's id");
    const status = await resumed(id, values.config);
    return await changedStream({
      status,
      said: `Stream ${id} is resumed.`,
      advice: "It is resumed all the same, and goes on by itself once that is mended.",
      settings: values["no-verify"] === true ? undefined : () => streamSettings(id, values.config),
      terminal,
      json: values.json,
    });
  },
});

async function resumed(id: string, file: string | undefined): Promise<StreamStatus> {
  await using view = await storedView(file);
  const before = await view.headgate.streams.status(id);
  await view.headgate.streams.resume(id);
  const status = await view.headgate.streams.status(id);
  if (before.health.state === "paused") await record(view.headgate, "resumed", status);
  return status;
}

/** Who stops a feed, or gives one up, stands in the log that it carries, whoever it was. */
async function record(
  headgate: Pick<RunnerHeadgate, "appendPrepared">,
  what: "created" | "paused" | "resumed" | "deleted",
  { id, organization, name = id }: StreamStatus,
  metadata?: JsonObject,
): Promise<void> {
  const target = { type: "headgate.stream", id, name };
  const action = `headgate.stream.${what}`;
  await recordOperatorChange(headgate, { action, organization, target, ...(metadata && { metadata }) });
}

const reseal = change(
  "Consents to finishing a window that is blocked with codec_changed, because this process compresses with another version than it was sealed with. Requests that were under way then could be stored twice.",
  "reseal",
  async ({ streams }, id) =>
    (await streams.reseal(id))
      ? `Stream ${id} may finish its window.`
      : `Stream ${id} has no window to finish: there is nothing to consent to.`,
);

const remove: Command = defineCommand({
  description:
    "Ends a stream, with its checkpoint and quarantine, and its claim on the events that it has not delivered. A runner at work signs the end of its digests before, which takes some seconds. A stream of a configuration file begins anew at the next start unless it is taken out there first.",
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
    await record(view.headgate, "deleted", last, { pending: last.pending, quarantined: last.quarantined });
    await terminal.print(
      values.json === true
        ? `${JSON.stringify(streamJson(last))}\n`
        : `Stream ${id} is deleted.\n${streamsTable([last], Date.now())}${chainEnd(last)}`,
    );
    return exitCode.done;
  },
});

/** Only the process that delivers may go on with a chain of digests: it is asked to, where one is at work. */
function chainEnd({ digest }: StreamStatus): string {
  if (digest === undefined) return "";
  const ended = `\nIts chain of digests ends with number ${digest.number}`;
  if (digest.final === true) return `${ended}, and number ${digest.number} says that it ends.\n`;
  return `${ended}, and nothing signs that it ends there: without --until, an audit will call it cut. A runner that is at work while a stream is deleted signs the end, if the destination takes it within ten seconds.\n`;
}

/** `headgate streams …`. */
export const streamsCommands: Readonly<Record<string, Command>> = {
  list,
  create,
  verify,
  pause,
  resume,
  reseal,
  preview: previewCommand,
  replay: replayCommand,
  delete: remove,
};
