import type { Checkpoint } from "./checkpoint.ts";
import { sleep } from "./clock.ts";
import type { DigestSigner } from "./digest-keys.ts";
import { takeDigestTurn } from "./digest-turn.ts";
import { foreignDigest } from "./restored-store.ts";
import type { StreamRecord } from "./store.ts";
import type { TurnContext, TurnStream } from "./turn.ts";

/** How long the deletion of a stream waits for its last digest, in ms. */
export const finalDigestMs = 10_000;

const pauseMs = 1000;

/**
 * Makes and delivers the digest that ends a stream's chain, before the stream is deleted. Best effort until the context's
 * signal is aborted; resolves to why there is none, or undefined where the destination has it.
 */
export async function sendFinalDigest(
  stream: TurnStream,
  record: StreamRecord,
  from: Checkpoint,
  context: TurnContext & { readonly signer: DigestSigner },
): Promise<string | undefined> {
  const foreign = foreignDigest(record, from);
  if (foreign !== undefined) return foreign.message;
  let checkpoint = from;
  while (!context.signal.aborted) {
    const result = await takeDigestTurn(stream, record, checkpoint, { ...context, final: true });
    ({ checkpoint } = result);
    if (checkpoint.chain?.final === true) return undefined;
    if (result.status === "blocked") return result.error.message;
    // One was under way already, or there are more objects than one digest names.
    if (result.status === "done") continue;
    const afterMs = "afterMs" in result ? (result.afterMs ?? pauseMs) : pauseMs;
    await sleep(context.clock, Math.max(afterMs, pauseMs), context.signal).catch(() => {});
  }
  return "The destination did not take it in time.";
}
