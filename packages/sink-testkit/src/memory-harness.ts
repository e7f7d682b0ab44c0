import { secret } from "@headgate/core";
import type { SinkHarness } from "./harness.ts";
import { sinkContext } from "./harness.ts";
import { memoryDestination } from "./memory-destination.ts";
import { memorySink } from "./memory-sink.ts";

const token = "memory-token-4711";

/** The harness of the memory sink: an example of one, with every fault. */
export const memoryHarness: SinkHarness = {
  tenancy: { definition: memorySink(), options: { account: "Acme", token: secret(token) } },
  faults: [
    "busy",
    "unavailable",
    "reset",
    "hang",
    "slow",
    "lost_reply",
    "expired",
    "partial",
    "refuses",
    "denied",
    "missing",
    "full",
  ],
  secrets: [token],
  open() {
    const destination = memoryDestination({ token });
    return {
      create(overrides = {}) {
        const { timeoutMs } = overrides;
        const options = { token: secret(token), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
        return memorySink(destination).create(options, sinkContext(overrides));
      },
      received: () => destination.received(),
      script: (faults) => destination.script(faults),
      async [Symbol.asyncDispose]() {},
    };
  },
};
