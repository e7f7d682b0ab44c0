import { externalIdOf } from "@headgate/api";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  assertOrganization,
  type CustomerSetup,
  HeadgateError,
  type SetupArtifact,
  type SetupGuide,
  type SinkDefinition,
} from "@headgate/core";
import type { RunnerConfig } from "../config/config.ts";
import { commandConfig, defaultConfigFile, embedded } from "../embedded.ts";
import { configuredStore } from "../open-store.ts";
import { builtInSinks, runnerSinks } from "../sinks.ts";
import { wrap } from "../terminal/wrap.ts";
import { type Command, configOption, defineCommand, exitCode, needed, UsageError } from "./command.ts";
import { type Given, givenOptions, missingOptions } from "./connect-options.ts";
import { type OperatorSide, operatorSide, streamIdOf } from "./connect-stream.ts";

const connectable = builtInSinks.filter(({ customer }) => customer !== undefined).map(({ type }) => type);
const externalIdPlaceholder = "<external-id>";

/** `headgate connect`. */
export const connectCommand: Command = defineCommand({
  description:
    "Prints what a customer does on its side before a stream can work: the steps, and policies, templates and commands to copy, filled in with the options given so far. With --organization and a configuration file, the organization's external id is made and kept in the store, the same that the API and the console show.",
  positionals: connectable.join("|"),
  maxPositionals: 1,
  options: {
    ...configOption,
    organization: { type: "string", value: "ORG", description: "Organization that the stream will be of." },
    option: {
      type: "string",
      multiple: true,
      value: "NAME=VALUE",
      description: "An option as the console's form has it, e.g. encryption.mode=sse-kms. Any number of times.",
    },
    artifact: { type: "string", value: "ID", description: "Print this one alone, e.g. trust-policy." },
    write: { type: "string", value: "FOLDER", description: "Save everything to copy as files." },
    force: { type: "boolean", description: "With --write: overwrite files that are there already." },
  },
  examples: [
    "headgate connect s3 -c headgate.yaml --organization acme --option bucket=acme-audit-logs --option region=eu-west-1",
    "headgate connect s3 -c headgate.yaml --organization acme --artifact trust-policy",
    "headgate connect splunk --option url=https://http-inputs-acme.splunkcloud.com:443 --write ./for-acme",
  ],
  async run({ values, positionals, terminal }) {
    const sink = needed(positionals[0], `What to connect (${connectable.join(", ")})`);
    // An option that may be given any number of times arrives as a list.
    const pairs: readonly string[] = new Array<string>().concat(values.option ?? []);
    const { organization, json } = values;
    if (organization !== undefined) assertOrganization(organization);
    const found = values.config !== undefined || existsSync(defaultConfigFile);
    const config = found ? commandConfig(values.config, "setup") : undefined;
    const setup = setupOf(sink, config);
    const given = givenOptions(pairs, sink, setup.schema);
    const externalId =
      config === undefined || organization === undefined ? undefined : await keptExternalId(config, organization);
    const guide = setup.guide(given, {
      organization: organization ?? "<organization>",
      ...(organization !== undefined && { stream: streamIdOf(organization, sink) }),
      externalId: externalId ?? externalIdPlaceholder,
      allowInsecureEndpoint: config?.allowInsecureEndpoint ?? false,
    });
    const missing = missingOptions(setup.schema, given);
    const folder = values.write;
    const operator =
      organization === undefined || missing.length > 0 || (externalId === undefined && sink === "s3")
        ? undefined
        : operatorSide(withDefaultAccess(given, setup.schema), externalId ?? externalIdPlaceholder, {
            config: values.config ?? defaultConfigFile,
            organization,
            sink,
            pathOf: (file) => (folder === undefined ? file : join(folder, file)),
          });
    const chosen = values.artifact === undefined ? undefined : artifactOf(guide, values.artifact);
    // Before anything is printed, so that a refusal to overwrite is all that is said.
    const files = [...guide.artifacts, ...(operator === undefined ? [] : [operator])];
    const saved = folder === undefined ? undefined : save(folder, files, values.force === true);

    if (json === true) {
      const about = {
        sink,
        title: setup.title,
        ...(organization !== undefined && { organization }),
        ...(externalId !== undefined && { external_id: externalId }),
      };
      const whole = { ...about, ...guide, missing, ...(operator !== undefined && { stream: operator }) };
      await terminal.print(`${JSON.stringify(chosen ?? whole, undefined, 2)}\n`);
    } else if (chosen === undefined) {
      const title = `${setup.title}: what to do on ${organization ?? "the customer"}'s side`;
      const shown = externalId === undefined ? "" : `\nExternal id: ${externalId}\n`;
      const width = Math.min(terminal.columns ?? widest, widest);
      await terminal.print(`${title}\n${shown}\n${guideText(guide, width)}\n${nextText(operator, missing, saved)}`);
    } else await terminal.print(chosen.content);
    if (saved !== undefined) terminal.note(`Saved ${saved.join(", ")}.`);
    if (JSON.stringify(chosen ?? guide).includes(externalIdPlaceholder)) {
      terminal.note(
        "The external id is not filled in: name --organization and a configuration file, whose store keeps it.",
      );
    }
    return exitCode.done;
  },
});

/** Where there is a choice, the operator's file says what the usual one is. */
function withDefaultAccess(given: Given, schema: Given): Given {
  const { access } = (schema as { readonly properties: Readonly<Record<string, { readonly default?: unknown }>> })
    .properties;
  return access === undefined ? given : { access: access.default, ...given };
}

function setupOf(sink: string, config: RunnerConfig | undefined): CustomerSetup {
  const { allowedAddresses = [], awsPrincipal, oidc } = config ?? {};
  const sinks = runnerSinks({
    allowedAddresses,
    ...(awsPrincipal !== undefined && { awsPrincipal }),
    ...(oidc !== undefined && { oidc }),
    // Whoever has the command line is the operator.
    s3Endpoints: "any",
  });
  const setup = sinks.find(({ type }: SinkDefinition) => type === sink)?.customer;
  if (setup !== undefined) return setup;
  throw new UsageError(`"${sink}" is nothing that a customer connects (known: ${connectable.join(", ")}).`);
}

/** The organization's external id as the API keeps it: made once, at random. */
async function keptExternalId({ store, allowedAddresses }: RunnerConfig, organization: string): Promise<string> {
  if (store.kind === "memory")
    throw new UsageError("A memory store ends with its process and keeps no external id. Set store.kind to sqlite.");
  await using headgate = embedded(configuredStore(store), { allowedAddresses });
  return await externalIdOf(headgate, organization);
}

function artifactOf({ artifacts }: SetupGuide, id: string): SetupArtifact {
  const found = artifacts.find((artifact) => artifact.id === id);
  if (found !== undefined) return found;
  throw new UsageError(`There is no "${id}" to print (known: ${artifacts.map((artifact) => artifact.id).join(", ")}).`);
}

/** Lines longer than this are hard to read. */
const widest = 100;

function guideText({ steps, artifacts }: SetupGuide, width: number): string {
  const numbered = steps.map(({ title, text }, at) => {
    const lines = wrap(text, width - 4).map((line) => `    ${line}\n`);
    return `${String(at + 1).padStart(2)}. ${title}\n${lines.join("")}`;
  });
  const room = Math.max(...artifacts.map(({ id }) => id.length));
  const listed = artifacts.map(({ id, title, description }) => {
    const [first = "", ...rest] = wrap(`${title}: ${description}`, width - room - 4);
    return `  ${id.padEnd(room)}  ${[first, ...rest.map((line) => `${" ".repeat(room + 4)}${line}`)].join("\n")}\n`;
  });
  return `${numbered.join("\n")}\nTo copy:\n${listed.join("")}\n--artifact ID prints one of them, --write FOLDER saves them all.\n`;
}

/** What comes then, for whoever runs this. */
function nextText(operator: OperatorSide | undefined, missing: readonly string[], saved?: readonly string[]): string {
  if (missing.length > 0) {
    const options = missing.map((name) => `--option ${name}=…`).join(" ");
    return `Next: once it is known, run this again with ${options}, for the stream itself.\n`;
  }
  if (operator === undefined) return "Next: run this again with --organization and -c, for the stream itself.\n";
  const { file, content, commands, variables } = operator;
  const kept = saved === undefined ? `Next, with this as ${file}:\n\n${content}` : `Next, with ${file}:\n`;
  const entry =
    variables.length === 0 ? "" : `\nAdd that to the configuration, set ${variables.join(", ")}, and run:\n`;
  return `${kept}${entry}\n${commands.map((command) => `  ${command}\n`).join("")}`;
}

/** Writes all of the files or, where one is there already, none. */
function save(
  folder: string,
  files: readonly { readonly file: string; readonly content: string }[],
  overwrite: boolean,
): readonly string[] {
  const paths = files.map(({ file, content }) => ({ path: join(folder, basename(file)), content }));
  const taken = paths.filter(({ path }) => existsSync(path));
  if (taken.length > 0 && !overwrite) {
    const names = taken.map(({ path }) => path).join(", ");
    throw new UsageError(`Nothing is saved: ${names} would be overwritten. Add --force, or name another folder.`);
  }
  try {
    mkdirSync(folder, { recursive: true });
    for (const { path, content } of paths) writeFileSync(path, content, { flag: overwrite ? "w" : "wx" });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
    throw new HeadgateError("file_unwritable", `The files cannot be saved in ${folder} (${code}).`, {
      hint: "Name a folder that this user may write to.",
      cause,
    });
  }
  return paths.map(({ path }) => path);
}
