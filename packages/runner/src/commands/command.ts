import type { ParseArgsOptionDescriptor } from "node:util";
import type { Terminal } from "../terminal/terminal.ts";

/** Exit codes of every command. */
export const exitCode = { done: 0, failed: 1, usage: 2, found: 3 } as const;

/** One of {@link exitCode}. */
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** An option of a command. */
export interface CommandOption {
  readonly type: ParseArgsOptionDescriptor["type"];
  readonly short?: string;
  /** What stands for the value in help, e.g. `FILE`. */
  readonly value?: string;
  readonly description: string;
  /** May be given several times. @default false */
  readonly multiple?: boolean;
}

/** What the user gave for a set of options. */
export type OptionValues<Options extends Readonly<Record<string, CommandOption>>> = {
  readonly [Name in keyof Options]?: Options[Name]["type"] extends "boolean"
    ? boolean
    : Options[Name]["multiple"] extends true
      ? readonly string[]
      : string;
};

/** What a command gets. */
export interface CommandInput<Options extends Readonly<Record<string, CommandOption>>> {
  readonly values: OptionValues<Options> & { readonly json?: boolean };
  readonly positionals: readonly string[];
  readonly terminal: Terminal;
}

/** A command of `headgate`. */
export interface Command<
  Options extends Readonly<Record<string, CommandOption>> = Readonly<Record<string, CommandOption>>,
> {
  /** What may follow the name, e.g. `[EVENTS.ndjson|-]`. */
  readonly positionals?: string;
  /** Most positionals that are taken. @default 0 */
  readonly maxPositionals?: number;
  readonly options: Options;
  /** One paragraph. */
  readonly description: string;
  /** Whole command lines. */
  readonly examples: readonly [string, ...string[]];
  run(input: CommandInput<Options>): Promise<ExitCode>;
}

/** Types a command by its options. */
export function defineCommand<const Options extends Readonly<Record<string, CommandOption>>>(
  command: Command<Options>,
): Command {
  return command;
}

/** The option that names the configuration file. */
export const configOption = {
  config: {
    type: "string",
    short: "c",
    value: "FILE",
    description: "Configuration file (YAML or JSON). Default: headgate.yaml.",
  },
} as const;

/** A command line that does not say what it should. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** A value that a command cannot do without. @throws {@link UsageError} */
export function needed(value: string | undefined, what: string): string {
  if (value === undefined || value === "") throw new UsageError(`${what} is missing.`);
  return value;
}
