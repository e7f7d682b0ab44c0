import { runnersOn } from "@headgate/core";
import { configuredDelivery } from "../configured-delivery.ts";
import { commandConfig, embedded, type StoredView } from "../embedded.ts";
import { existingStore } from "../open-store.ts";
import { createLogger } from "../terminal/logger.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Delivers in this process as soon as it is asked while no runner is at work, and until it is disposed of. */
export interface StandIn extends AsyncDisposable {
  readonly ensure: () => Promise<void>;
}

/** `config` is the configuration's file; it is read, with its secrets, when it is needed. */
export function createStandIn({ store }: StoredView, config: string | undefined, terminal: Terminal): StandIn {
  let starting: Promise<AsyncDisposable> | undefined;
  async function start(): Promise<AsyncDisposable> {
    const loaded = commandConfig(config);
    const logger = createLogger({ ...loaded.log, level: "warn" }, terminal);
    const headgate = embedded(existingStore(loaded.store), await configuredDelivery(loaded, logger));
    try {
      await headgate.streams.declare(loaded.streams);
      await headgate.start();
    } catch (error) {
      await headgate[Symbol.asyncDispose]();
      throw error;
    }
    return headgate;
  }
  return {
    async ensure() {
      if (starting === undefined && (await runnersOn(store.leases)).length > 0) return;
      await (starting ??= start());
    },
    async [Symbol.asyncDispose]() {
      await (await starting?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}
