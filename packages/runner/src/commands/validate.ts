import type { RunnerConfig } from "../config/config.ts";
import { ConfigError, type ConfigProblem, problemText } from "../config/problem.ts";
import { tryChannels } from "../config/try-channels.ts";
import { trySinks } from "../config/try-sinks.ts";
import { commandConfig, defaultConfigFile } from "../embedded.ts";
import { runnerSinks } from "../sinks.ts";
import { plural } from "../terminal/numbers.ts";
import { type Command, configOption, defineCommand, exitCode } from "./command.ts";

export const validateCommand: Command = defineCommand({
  description:
    "Reads a configuration file as `headgate run` would, with the files and variables that it names, and lists every mistake with its line and path. Connects to nothing. Exits with 2 where there is a mistake.",
  positionals: "[FILE]",
  maxPositionals: 1,
  options: { ...configOption },
  examples: ["headgate validate -c headgate.yaml", "headgate validate headgate.yaml --json"],
  async run({ values, positionals, terminal }) {
    const file = values.config ?? positionals[0] ?? defaultConfigFile;
    try {
      const config = commandConfig(file);
      await tryParts(config);
      if (values.json === true)
        await terminal.print(`${JSON.stringify({ valid: true, problems: [], warnings: config.warnings })}\n`);
      else {
        for (const warning of config.warnings) terminal.note(`${file}: ${warning}.`);
        await terminal.print(
          `${file} is valid: ${plural(config.sources.length, "source")}, ${plural(config.streams.length, "stream")}.\n`,
        );
      }
      return exitCode.done;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      if (values.json === true)
        await terminal.print(`${JSON.stringify({ valid: false, problems: error.problems, warnings: [] })}\n`);
      else for (const problem of error.problems) terminal.note(problemText(file, problem));
      return exitCode.usage;
    }
  },
});

/** Lists the mistakes of sinks and channels together. */
async function tryParts(config: RunnerConfig): Promise<void> {
  const problems: ConfigProblem[] = [];
  const { allowedAddresses, oidc } = config;
  for (const attempt of [
    () => trySinks(config, runnerSinks({ allowedAddresses, ...(oidc !== undefined && { oidc }) })),
    async () => tryChannels(config),
  ]) {
    try {
      await attempt();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ConfigError(config.file, problems);
}
