import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { HeadgateError, type Logger, memoryStore, silentLogger, type Store } from "@headgate/core";
import { sqliteStore } from "@headgate/store-sqlite";
import { UsageError } from "./commands/command.ts";
import type { StoreConfig } from "./config/config.ts";

/** The store of a configuration, not yet opened. Its folder is made where it is missing. @throws `file_unwritable` */
export function configuredStore(config: StoreConfig, logger: Logger = silentLogger): Store {
  if (config.kind === "memory") return memoryStore();
  const folder = dirname(config.path);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
    throw new HeadgateError("file_unwritable", `The store's folder ${folder} cannot be made (${code}).`, {
      hint: "Give this user the right to write there, or set store.path to another place.",
      cause,
    });
  }
  const { path, markPath } = config;
  return sqliteStore({ path, ...(markPath !== undefined && { markPath }), logger });
}

/**
 * The same for a command that looks at what another one has stored: a store that does not exist is not made.
 * @throws `store_unavailable` where there is none yet
 */
export function existingStore(config: StoreConfig): Store {
  if (config.kind === "memory") {
    throw new UsageError(
      "A memory store ends with its process, so there is nothing to look at. Set store.kind to sqlite.",
    );
  }
  if (statSync(config.path, { throwIfNoEntry: false }) === undefined) {
    throw new HeadgateError("store_unavailable", `There is no store at ${config.path}.`, {
      hint: "Start `headgate run` or `headgate ingest` first, or mend store.path.",
    });
  }
  return configuredStore(config);
}
