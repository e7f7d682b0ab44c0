import {
  aesVault,
  type Catalog,
  createHeadgate,
  type Headgate,
  type HeadgateOptions,
  type Store,
} from "@headgate/core";
import { builtInFormats } from "./formats.ts";
import { type LoadInput, loadConfig } from "./config/load.ts";
import type { RunnerConfig } from "./config/config.ts";
import type { SecretsConfig } from "./config/service-config.ts";
import { existingStore } from "./open-store.ts";
import { builtInSinks, runnerSinks, type SinkOperator } from "./sinks.ts";

/** A Headgate with the runner's sinks. */
export type RunnerHeadgate = Headgate<typeof builtInSinks, Catalog>;

/** Puts a store and the runner's sinks together, as the operator wants them. */
export function embedded(
  store: Store,
  {
    allowedAddresses,
    awsPrincipal,
    oidc,
    s3Endpoints,
    ...options
  }: Omit<HeadgateOptions<typeof builtInSinks, Catalog>, "store" | "sinks"> & SinkOperator = {},
): RunnerHeadgate {
  const operator = {
    ...(allowedAddresses !== undefined && { allowedAddresses }),
    ...(awsPrincipal !== undefined && { awsPrincipal }),
    ...(oidc !== undefined && { oidc }),
    ...(s3Endpoints !== undefined && { s3Endpoints }),
  };
  return createHeadgate({ formats: builtInFormats, ...options, store, sinks: runnerSinks(operator) });
}

/** Where no file is named. */
export const defaultConfigFile = "headgate.yaml";

/** Reads the configuration that a command was given. @throws `ConfigError` */
export function commandConfig(file: string | undefined, scope: LoadInput["scope"] = "all"): RunnerConfig {
  return loadConfig(file ?? defaultConfigFile, { sinks: builtInSinks, ...(scope !== undefined && { scope }) });
}

/** What a command works with that looks at, or changes, what is stored, and delivers nothing itself. */
export interface StoredView extends AsyncDisposable {
  readonly store: Store;
  readonly headgate: RunnerHeadgate;
}

/**
 * Opens the existing store of a configuration; with `secrets` those of its streams can be opened too.
 * @throws `ConfigError`, `store_unavailable`
 */
export async function storedView(file: string | undefined, secrets?: SecretsConfig): Promise<StoredView> {
  const config = commandConfig(file, "store");
  const store = existingStore(config.store);
  const headgate = embedded(store, {
    allowedAddresses: config.allowedAddresses,
    ...(secrets !== undefined && { vault: aesVault(secrets) }),
  });
  // Opens the store; whoever closes the one closes the other.
  await headgate.streams.list({ limit: 1 });
  return { store, headgate, [Symbol.asyncDispose]: () => headgate[Symbol.asyncDispose]() };
}
