import { randomUUID } from "node:crypto";
import { closeSync, copyFileSync, fsyncSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { continueRestoredStore, HeadgateError, type RestoredStore, runnersOn } from "@headgate/core";
import type { PostgresStore } from "@headgate/store-postgres";
import { type SqliteStore, sqliteStore, type SqliteStoreOptions } from "@headgate/store-sqlite";
import type { StoreConfig } from "../config/config.ts";
import { commandConfig } from "../embedded.ts";
import { plural } from "../terminal/numbers.ts";
import { configuredPostgres } from "../open-store.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type Command, configOption, defineCommand, exitCode, UsageError } from "./command.ts";

type SqliteConfig = Extract<StoreConfig, { readonly kind: "sqlite" }>;
type DurableConfig = Exclude<StoreConfig, { readonly kind: "memory" }>;

/** While it works; a store of any size is done with sooner. */
const leaseMs = 3_600_000;

/** `headgate restore`. */
export const restoreCommand: Command = defineCommand({
  description:
    "Makes an older copy of the store one that goes on, with the runners stopped: a backup, files that were put back, or a database that was put back to an earlier moment. What came after the copy is not in it, so every organization's next event gets a sequence far beyond, and every stream begins another chain of digests, which says so. Killed, it is started again.",
  options: {
    ...configOption,
    from: {
      type: "string",
      value: "FILE",
      description: "The backup to put in the place of a sqlite store, where there is none. Default: what is there.",
    },
    moved: {
      type: "boolean",
      description:
        "The files were only moved: nothing has run on those of before since they were copied. The store goes on as it was.",
    },
  },
  examples: [
    "headgate restore -c headgate.yaml --from /backups/headgate-2026-11-27.db",
    "headgate restore -c headgate.yaml",
    "headgate restore -c headgate.yaml --moved",
  ],
  async run({ values, terminal }) {
    const { store: config } = commandConfig(values.config, "store");
    if (config.kind === "memory") throw new UsageError("A memory store ends with its process.");
    if (config.kind === "postgres" && (values.from !== undefined || values.moved === true)) {
      throw new UsageError("A postgres database is put back with its own tools first: leave out --from and --moved.");
    }
    if (values.moved === true && values.from !== undefined)
      throw new UsageError("--moved is for files that are in place; --from is for a backup.");
    if (config.kind === "sqlite") atPath(config.path, values.from);
    if (values.moved === true && config.kind === "sqlite") {
      await using store = sqliteStore({ ...optionsOf(config), moved: true });
      await store.open();
      await terminal.print(values.json === true ? "{}\n" : "The store goes on as it was.\n");
      return exitCode.done;
    }
    const done = await continued(config, terminal);
    terminal.endProgress();
    await terminal.print(values.json === true ? `${JSON.stringify(done)}\n` : told(done));
    return exitCode.done;
  },
});

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

function putInPlace(from: string, path: string): void {
  // The log of another store beside it would be taken for this one's.
  const there = ["", "-wal", "-shm"].map((ending) => path + ending).find(exists);
  if (there !== undefined) {
    throw new HeadgateError("file_unwritable", `There is a file at ${there} already.`, {
      hint: "Move the store's files of before aside, and keep them: they may hold events that the backup lacks.",
    });
  }
  try {
    mkdirSync(dirname(path), { recursive: true });
    // Killed meanwhile, it leaves no half of a store in the store's place.
    const part = `${path}.part`;
    copyFileSync(from, part);
    sync(part);
    renameSync(part, path);
    sync(dirname(path));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
    throw new HeadgateError("file_unreadable", `The backup ${from} cannot be copied to ${path} (${code}).`, { cause });
  }
}

function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function atPath(path: string, from: string | undefined): void {
  if (from !== undefined) putInPlace(from, path);
  if (exists(path)) return;
  throw new HeadgateError("store_unavailable", `There is no store at ${path}.`, { hint: "Name a backup with --from." });
}

const optionsOf = ({ path, markPath }: SqliteConfig): SqliteStoreOptions => ({
  path,
  ...(markPath !== undefined && { markPath }),
});

function copied(config: DurableConfig): SqliteStore | PostgresStore {
  if (config.kind === "postgres") return configuredPostgres(config, { create: false, restoring: true });
  return sqliteStore({ ...optionsOf(config), restoring: true });
}

async function continued(config: DurableConfig, terminal: Terminal): Promise<RestoredStore> {
  await using store = copied(config);
  await store.open();
  const lease = await store.leases.acquire("delivery", randomUUID(), leaseMs);
  if (lease === undefined || (await runnersOn(store.leases)).length > 0)
    throw new HeadgateError("store_busy", "A runner uses the store.", { hint: "Stop every runner first." });
  try {
    const onProgress = ({ organizations, streams }: RestoredStore): void =>
      terminal.progress(() => `${plural(organizations, "organization")}, ${plural(streams, "stream")}`);
    return await store.restore(() => continueRestoredStore(store, { onProgress }));
  } finally {
    await store.leases.release(lease);
  }
}

function told({ organizations, streams }: RestoredStore): string {
  return [
    `The store goes on: ${plural(organizations, "organization")} with sequences that were never given, ${plural(streams, "stream")} with another chain of digests.`,
    "Events that were appended after the copy was made are not in it: what streams had delivered of them is at their destinations.",
    "Tokens that were revoked since are valid again, and streams and settings are as they were: look through them before you start the runner.",
    "",
  ].join("\n");
}
