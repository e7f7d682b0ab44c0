import { parseArgs } from "node:util";
import { isHeadgateError } from "@headgate/core";
import { type Command, exitCode, type ExitCode, UsageError } from "./commands/command.ts";
import { commandHelp, commonOptions, overview } from "./commands/help.ts";
import { type CommandEntry, type CommandGroup, commands } from "./commands/registry.ts";
import { ConfigError } from "./config/problem.ts";
import { nearest } from "./nearest.ts";
import type { Terminal } from "./terminal/terminal.ts";

const example = (): string => "headgate run -c headgate.yaml";

/**
 * Runs a command line, without the program's name, and resolves to its exit code. Errors become one sentence on standard
 * error that says what, where and what to do; a stack only with `--debug`.
 */
export async function main(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await dispatch("headgate", commands, args, terminal, example);
  } catch (error) {
    return reportError(error, args, terminal);
  }
}

/** Tells of an error that ends the command, and with which exit code. */
export function reportError(error: unknown, args: readonly string[], terminal: Terminal): ExitCode {
  terminal.endProgress();
  terminal.note(errorText(error));
  if (args.includes("--debug") && error instanceof Error) terminal.note(stackOf(error));
  return codeOf(error);
}

async function dispatch(
  name: string,
  table: Readonly<Record<string, CommandEntry | CommandGroup>>,
  args: readonly string[],
  terminal: Terminal,
  shown: () => string | Promise<string>,
): Promise<ExitCode> {
  const [word, ...rest] = args;
  if (word === undefined || word === "--help" || word === "-h" || word === "help") {
    await terminal.print(overview(name, table, await shown()));
    return word === undefined ? exitCode.usage : exitCode.done;
  }
  if (word === "--version" && name === "headgate") return dispatch(name, table, ["version", ...rest], terminal, shown);
  const entry = Object.hasOwn(table, word) ? table[word] : undefined;
  if (entry === undefined) {
    const close = nearest(word, Object.keys(table));
    const offer = close === undefined ? `See ${name} --help.` : `Did you mean "${close}"?`;
    throw new UsageError(`There is no command "${name} ${word}". ${offer}`);
  }
  const full = `${name} ${word}`;
  if ("commands" in entry) return dispatch(full, entry.commands, rest, terminal, () => exampleOf(entry));
  return runCommand(full, await entry.load(), rest, terminal);
}

/** Of a group, its first command's. */
async function exampleOf(group: CommandGroup): Promise<string> {
  const command = await Object.values(group.commands)[0]?.load();
  return command?.examples[0] ?? "";
}

async function runCommand(
  name: string,
  command: Command,
  args: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const { values, positionals } = parse(name, command, args);
  if (values.help === true) {
    await terminal.print(commandHelp(name.replace(/^headgate /, ""), command));
    return exitCode.done;
  }
  const { maxPositionals = 0 } = command;
  const extra = positionals[maxPositionals];
  if (extra !== undefined)
    throw new UsageError(`"${name}" does not know what to do with "${extra}". See ${name} --help.`);
  return command.run({ values, positionals, terminal });
}

interface Parsed {
  readonly values: Parameters<Command["run"]>[0]["values"] & { readonly help?: boolean };
  readonly positionals: readonly string[];
}

function parse(name: string, command: Command, args: readonly string[]): Parsed {
  const options = { ...command.options, ...commonOptions };
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    return { values: values as Parsed["values"], positionals };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || !code.startsWith("ERR_PARSE_ARGS")) throw error;
    const unknown = /'(-[^']*)'/.exec(message)?.[1];
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION" && unknown !== undefined) {
      const close = nearest(unknown.replace(/^-+/, ""), Object.keys(options));
      const offer = close === undefined ? `See ${name} --help.` : `Did you mean --${close}?`;
      throw new UsageError(`"${name}" has no option ${unknown}. ${offer}`);
    }
    const ambiguous = / '(?:-\w, )?(--[\w-]+)[^']*' argument is ambiguous/.exec(message)?.[1];
    if (ambiguous !== undefined)
      throw new UsageError(`${ambiguous} needs a value, which may not begin with "-". See ${name} --help.`);
    throw new UsageError(`${message.split(". ")[0] ?? message}. See ${name} --help.`);
  }
}

/** What went wrong, where, and what to do. */
function errorText(error: unknown): string {
  if (error instanceof ConfigError || error instanceof UsageError) return error.message;
  if (isHeadgateError(error)) return error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
  const said = error instanceof Error ? error.message : String(error);
  return `Something went wrong that nothing expected: ${said}. Run it again with --debug, and report what it shows.`;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : "";
  return `${error.stack ?? String(error)}${cause}`;
}

const usageCodes: ReadonlySet<string> = new Set([
  "config_invalid",
  "mapping_invalid",
  "sink_options_invalid",
  "organization_invalid",
]);

function codeOf(error: unknown): ExitCode {
  if (error instanceof ConfigError || error instanceof UsageError) return exitCode.usage;
  return isHeadgateError(error) && usageCodes.has(error.code) ? exitCode.usage : exitCode.failed;
}
