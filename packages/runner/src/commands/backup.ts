import { backupSqliteStore } from "@headgate/store-sqlite";
import { commandConfig } from "../embedded.ts";
import { bytesText } from "../terminal/numbers.ts";
import { type Command, configOption, defineCommand, exitCode, needed, UsageError } from "./command.ts";

/** `headgate backup`. */
export const backupCommand: Command = defineCommand({
  description:
    "Copies a sqlite store into one file, as it stands at one moment, beside the runner. The copy is no store by itself: `headgate restore` makes it one, which gives no sequence a second time. It holds the journal and sealed secrets, not the keys that open them.",
  options: {
    ...configOption,
    to: { type: "string", value: "FILE", description: "The file to make. There must be none yet." },
  },
  examples: ["headgate backup -c headgate.yaml --to /backups/headgate-2026-11-27.db"],
  async run({ values, terminal }) {
    const to = needed(values.to, "--to");
    const { store } = commandConfig(values.config, "store");
    if (store.kind !== "sqlite") {
      throw new UsageError("Only a sqlite store has a file to copy: a postgres store is backed up with its database.");
    }
    const { bytes } = await backupSqliteStore({
      path: store.path,
      to,
      onProgress: (share) => terminal.progress(() => `${Math.floor(share * 100)} % copied`),
    });
    terminal.endProgress();
    if (values.json === true) await terminal.print(`${JSON.stringify({ file: to, bytes })}\n`);
    else await terminal.print(`${to}: ${bytesText(bytes)}.\n`);
    return exitCode.done;
  },
});
