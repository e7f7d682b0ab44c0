import { hmacPseudonyms, type ShapedEvent } from "@headgate/core";
import { commandConfig, embedded } from "../embedded.ts";
import { existingStore } from "../open-store.ts";
import { type Command, configOption, defineCommand, exitCode, needed, UsageError } from "./command.ts";

export const previewCommand: Command = defineCommand({
  description:
    "Shows the last events of a stream's organization as the journal holds them and as the stream would send them by the configuration file as it is now: filter, privacy rules and format. Nothing is stored and nothing is sent, so it tells what a change of the file does before a runner takes it over.",
  positionals: "STREAM",
  maxPositionals: 1,
  options: {
    ...configOption,
    limit: { type: "string", value: "N", description: "How many events, 100 at most. Default: 10." },
  },
  examples: ["headgate streams preview -c headgate.yaml acme-s3", "headgate streams preview acme-s3 --limit 50 --json"],
  async run({ values, positionals, terminal }) {
    const id = needed(positionals[0], "The stream's id");
    const limit = Number(values.limit ?? "10");
    if (!Number.isInteger(limit) || limit < 1 || limit > 100)
      throw new UsageError("--limit must be a whole number from 1 to 100.");
    const config = commandConfig(values.config);
    const stream = config.streams.find((one) => one.id === id);
    if (stream === undefined) throw new UsageError(`The configuration file declares no stream "${id}".`);
    await using headgate = embedded(existingStore(config.store), {
      ...(config.pseudonyms !== undefined && { pseudonyms: hmacPseudonyms(config.pseudonyms) }),
    });
    const events = await headgate.streams.preview(stream.organization, stream.shape ?? {}, { limit });
    await terminal.print(
      values.json === true ? `${JSON.stringify({ events }, undefined, 2)}\n` : events.map(shown).join("\n"),
    );
    return exitCode.done;
  },
});

function shown({ before, after }: ShapedEvent): string {
  return `- ${before}\n${after === undefined ? "  left out" : after === before ? "  as it is" : `+ ${after}`}\n`;
}
