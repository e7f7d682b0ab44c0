import { readFileSync } from "node:fs";
import { type Command, defineCommand, exitCode } from "./command.ts";

/** The runner's version, as its package says it. */
export function version(): string {
  // Two folders up from the sources, and one from the build, lies the same file: the build has no folders of its own.
  for (const place of ["../package.json", "../../package.json"]) {
    try {
      const found = JSON.parse(readFileSync(new URL(place, import.meta.url), "utf8")) as {
        readonly name?: string;
        readonly version?: string;
      };
      if (found.name === "@headgate/runner") return found.version ?? "unknown";
    } catch {
      continue;
    }
  }
  return "unknown";
}

export const versionCommand: Command = defineCommand({
  description: "Prints the version of headgate and of the Node.js that runs it.",
  options: {},
  examples: ["headgate version"],
  async run({ values, terminal }) {
    const versions = { headgate: version(), node: process.versions.node };
    await terminal.print(
      values.json === true
        ? `${JSON.stringify(versions)}\n`
        : `headgate ${versions.headgate} (Node.js ${versions.node})\n`,
    );
    return exitCode.done;
  },
});
