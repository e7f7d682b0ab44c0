import { mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { HeadgateError, type Logger, memoryStore, silentLogger, type Store } from "@headgate/core";
import { type PostgresStore, postgresStore, type PostgresStoreOptions } from "@headgate/store-postgres";
import { sqliteStore } from "@headgate/store-sqlite";
import { UsageError } from "./commands/command.ts";
import type { PostgresConfig, StoreConfig } from "./config/config.ts";

/** The store of a configuration, not yet opened. Its folder is made where it is missing. @throws `file_unwritable`, `file_unreadable` */
export function configuredStore(config: StoreConfig, logger: Logger = silentLogger): Store {
  if (config.kind === "memory") return memoryStore();
  if (config.kind === "postgres") return configuredPostgres(config, { logger });
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

/** The same for a postgres store, with more to choose. */
export function configuredPostgres(
  config: PostgresConfig,
  choice: Pick<PostgresStoreOptions, "logger" | "create" | "restoring">,
): PostgresStore {
  const { url, listenUrl, schema, caFile, maxConnections, allowInsecureConnection } = config;
  return postgresStore({
    url: url.reveal(),
    ...(listenUrl !== undefined && { listenUrl: listenUrl.reveal() }),
    ...(schema !== undefined && { schema }),
    ...(caFile !== undefined && { ca: certificates(caFile) }),
    ...(maxConnections !== undefined && { maxConnections }),
    allowInsecureConnection,
    ...choice,
  });
}

function certificates(path: string): string {
  let pem: string;
  try {
    pem = readFileSync(path, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
    throw new HeadgateError("file_unreadable", `The store's ca_file ${path} cannot be read (${code}).`, { cause });
  }
  if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  throw new HeadgateError("config_invalid", `The store's ca_file ${path} holds no certificate in PEM form.`);
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
  if (config.kind === "postgres") return configuredPostgres(config, { create: false });
  if (statSync(config.path, { throwIfNoEntry: false }) === undefined) {
    throw new HeadgateError("store_unavailable", `There is no store at ${config.path}.`, {
      hint: "Start `headgate run` or `headgate ingest` first, or mend store.path.",
    });
  }
  return configuredStore(config);
}
