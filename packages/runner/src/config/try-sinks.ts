import { isHeadgateError, silentLogger, type SinkDefinition, systemClock } from "@headgate/core";
import type { RunnerConfig } from "./config.ts";
import { readDocument } from "./document.ts";
import { ConfigError, type ConfigProblem, pathText } from "./problem.ts";

/**
 * Makes the sink of every stream, as running would, and disposes of it: some mistakes only a sink itself finds.
 * Connects to nothing.
 * @throws {@link ConfigError}
 */
export async function trySinks(config: RunnerConfig, sinks: readonly SinkDefinition[]): Promise<void> {
  const document = readDocument(config.file);
  const problems: ConfigProblem[] = [];
  for (const [index, { id, organization, sink, options }] of config.streams.entries()) {
    const definition = sinks.find(({ type }) => type === sink);
    const context = { stream: id, organization, clock: systemClock, random: Math.random, logger: silentLogger };
    try {
      await definition?.create(options, context)[Symbol.asyncDispose]();
    } catch (error) {
      if (!isHeadgateError(error)) throw error;
      const path = ["streams", index, "options"];
      const line = document.line(path);
      const message = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
      problems.push({ path: pathText(path), message, ...(line !== undefined && { line }) });
    }
  }
  if (problems.length > 0) throw new ConfigError(config.file, problems);
}
