import type { Checkpoint } from "./checkpoint.ts";
import { chainIdOf } from "./digest-chain.ts";
import type { SinkFailure } from "./sink.ts";
import type { StreamRecord } from "./store.ts";

/**
 * Why a stream sends nothing: its destination holds a digest that this store never sent, so the store is an older copy of
 * one that went on, put back from a backup. It would give sequences a second time, and store events twice. Undefined where
 * nothing says so, and once the stream has begun another chain.
 */
export function foreignDigest(
  record: Pick<StreamRecord, "chain" | "incarnation">,
  { chain }: Pick<Checkpoint, "chain">,
): SinkFailure | undefined {
  if (chain?.foreign === undefined || chain.id !== chainIdOf(record)) return undefined;
  return {
    code: "store_restored",
    message: `The destination holds digest ${chain.foreign} of this stream, which this store never sent: the store is an older copy of one that went on.`,
    hint: "Nothing is sent, so that nothing is stored twice. The platform's operator goes on with headgate restore; where no store was put back, with the stream under another prefix.",
  };
}
