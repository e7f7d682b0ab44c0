import { streamJson } from "@headgate/api";
import { storedView } from "../embedded.ts";
import { streamsTable } from "../stream-view.ts";
import { type Command, configOption, defineCommand, exitCode } from "./command.ts";

export const statusCommand: Command = defineCommand({
  description:
    "Shows how every stream stands, from what the store says, whether a runner is at work or not: accepted = delivered + quarantined + filtered + lost + pending, the age of the oldest pending event, the last error and what to do about it.",
  options: {
    ...configOption,
    organization: { type: "string", value: "ORG", description: "Only the streams of this organization." },
  },
  examples: ["headgate status -c headgate.yaml", "headgate status --json | jq '.streams[] | select(.pending > 0)'"],
  async run({ values, terminal }) {
    await using view = await storedView(values.config);
    const all = await view.headgate.status();
    const streams = all.filter(
      ({ organization }) => values.organization === undefined || organization === values.organization,
    );
    await terminal.print(
      values.json === true
        ? `${JSON.stringify({ streams: streams.map((stream) => streamJson(stream)) }, undefined, 2)}\n`
        : streamsTable(streams, Date.now()),
    );
    return exitCode.done;
  },
});
