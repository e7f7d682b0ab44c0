import { isHeadgateError } from "@headgate/core";
import { alertChannel } from "../alert-channel.ts";
import type { RunnerConfig } from "./config.ts";
import { readDocument } from "./document.ts";
import { ConfigError, type ConfigProblem, pathText } from "./problem.ts";

/**
 * Makes the channel of every alert, as running would: some mistakes only a channel itself finds. Connects to nothing.
 * @throws {@link ConfigError}
 */
export function tryChannels({ file, alerts, allowedAddresses }: RunnerConfig): void {
  const document = readDocument(file);
  const problems = (alerts?.channels ?? []).flatMap((channel, index): ConfigProblem[] => {
    try {
      alertChannel(channel, allowedAddresses);
      return [];
    } catch (error) {
      if (!isHeadgateError(error)) throw error;
      const path = ["alerts", "channels", index];
      const line = document.line(path);
      const message = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
      return [{ path: pathText(path), message, ...(line !== undefined && { line }) }];
    }
  });
  if (problems.length > 0) throw new ConfigError(file, problems);
}
