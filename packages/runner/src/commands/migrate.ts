import { commandConfig } from "../embedded.ts";
import { configuredStore } from "../open-store.ts";
import { type Command, configOption, defineCommand, exitCode, UsageError } from "./command.ts";

/** `headgate migrate`. */
export const migrateCommand: Command = defineCommand({
  description:
    "Makes the store where there is none, or brings its form to that of this version. A runner does the same when it starts; this is for a postgres store whose runner's role may not change the schema, with a configuration that names the role that owns it.",
  options: configOption,
  examples: ["headgate migrate -c headgate.owner.yaml"],
  async run({ values, terminal }) {
    const { store: config } = commandConfig(values.config, "store");
    if (config.kind === "memory")
      throw new UsageError("A memory store ends with this command. Set store.kind to sqlite.");
    await using store = configuredStore(config);
    await store.open();
    await terminal.print(values.json === true ? `${JSON.stringify({ store: store.name })}\n` : "The store is ready.\n");
    return exitCode.done;
  },
});
