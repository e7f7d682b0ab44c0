import type { Command, CommandOption } from "./command.ts";
import type { CommandEntry, CommandGroup } from "./registry.ts";

/** Options that every command has. */
export const commonOptions: Readonly<Record<"json" | "debug" | "help", CommandOption>> = {
  json: { type: "boolean", description: "Print the result as JSON." },
  debug: { type: "boolean", description: "Show the stack of an error." },
  help: { type: "boolean", short: "h", description: "Show this." },
};

/** Help of one command: what it does, its options, examples. */
export function commandHelp(name: string, command: Command): string {
  const options = { ...command.options, ...commonOptions };
  const usage = ["headgate", name, "[options]", command.positionals].filter((part) => part !== undefined).join(" ");
  const rows = Object.entries(options).map(([long, option]): [string, string] => [
    optionText(long, option),
    option.description,
  ]);
  return [
    `Usage: ${usage}`,
    wrapped(command.description, 100),
    `Options:\n${columns(rows)}`,
    `${command.examples.length === 1 ? "Example" : "Examples"}:\n${command.examples.map((line) => `  ${line}`).join("\n")}`,
    "",
  ]
    .join("\n\n")
    .replace(/\n\n$/, "\n");
}

/** Help of a group of commands, or of all of them. */
export function overview(
  name: string,
  commands: Readonly<Record<string, CommandEntry | CommandGroup>>,
  example: string,
): string {
  const rows = Object.entries(commands).map(([command, { summary }]): [string, string] => [command, summary]);
  return `Usage: ${name} COMMAND [options]\n\nCommands:\n${columns(rows)}\n\nExample:\n  ${example}\n\n\`${name} COMMAND --help\` tells more. Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 an audit or\nverification found something.\n`;
}

function optionText(long: string, { short, value }: CommandOption): string {
  return `${short === undefined ? "    " : `-${short}, `}--${long}${value === undefined ? "" : ` ${value}`}`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = rows.reduce((widest, [left]) => Math.max(widest, left.length), 0);
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join("\n");
}
