import { commandHelp } from "../../packages/runner/src/commands/help.ts";
import { type CommandEntry, type CommandGroup, commands } from "../../packages/runner/src/commands/registry.ts";

/** What `--help` says of every command. */
export async function commandsPage(): Promise<string> {
  const sections: string[] = [];
  for (const [name, entry] of entriesOf(commands)) {
    sections.push(`## headgate ${name}\n\n\`\`\`text\n${commandHelp(name, await entry.load()).trimEnd()}\n\`\`\`\n`);
  }
  return `# Commands

Errors are one sentence on standard error: what, where, and what to do. Exit codes: 0 done, 1 failed, 2 usage or
configuration, 3 an audit or verification found something.

${sections.join("\n")}`;
}

function entriesOf(level: Readonly<Record<string, CommandEntry | CommandGroup>>): readonly [string, CommandEntry][] {
  return Object.entries(level).flatMap(([name, entry]): readonly [string, CommandEntry][] =>
    "load" in entry
      ? [[name, entry]]
      : entriesOf(entry.commands).map(([inner, command]) => [`${name} ${inner}`, command]),
  );
}
