import type { Checkpoint } from "./checkpoint.ts";
import { type Clock, sleep } from "./clock.ts";
import type { DeliveryStream, TurnRun } from "./delivery-run.ts";
import type { DeliverySettings } from "./delivery-settings.ts";
import type { DigestSettings } from "./digest-chain.ts";
import type { DigestSigner } from "./digest-keys.ts";
import { takeDigestTurn } from "./digest-turn.ts";
import { logDefect } from "./health-reports.ts";
import { linkedSignal } from "./linked-signal.ts";
import type { Logger } from "./logger.ts";
import type { DeliveryObserver } from "./observer.ts";
import { foreignDigest } from "./restored-store.ts";
import type { Store, StreamRecord } from "./store.ts";
import { isSink, type StreamEntry } from "./stream-entry.ts";
import { firstCheckpoint } from "./stream-status.ts";
import type { TurnContext, TurnStream } from "./turn.ts";

/** How long the deletion of a stream, or its move, waits for its last digest, in ms. */
const finalDigestMs = 10_000;

const pauseMs = 1000;

/**
 * Ends the chain of a stream that is about to be deleted, or to move from the place that `stream` names, and that begins no
 * turn meanwhile: with a digest that says so, after the turn `underWay`. Best effort, and never longer than
 * {@link finalDigestMs}. Never throws.
 */
export type ChainEnd = (
  ending: Pick<StreamEntry, "splits"> & {
    readonly stream: DeliveryStream;
    readonly underWay?: Promise<void> | undefined;
    /** Aborted: nobody wants it any more. */
    readonly gone?: AbortSignal;
  },
  run: TurnRun,
) => Promise<void>;

export function createChainEnd({
  store,
  clock,
  logger,
  observer,
  settings: { requestTimeoutMs },
  digests,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: DeliveryObserver;
  readonly settings: DeliverySettings;
  readonly digests: DigestSettings | undefined;
}): ChainEnd {
  return async ({ stream: { record, sink, flush }, splits, underWay, gone }, run) => {
    if (digests === undefined || !isSink(sink) || sink.digests === undefined) return;
    const over = new AbortController();
    const cancel = clock.after(finalDigestMs, () => over.abort());
    using cancelling = linkedSignal(run.abandon, over.signal, ...(gone === undefined ? [] : [gone]));
    const { signal } = cancelling;
    let why: string | undefined;
    try {
      // The requests under way may still end: what they settle is a part of the last digest.
      if (underWay !== undefined) await Promise.race([underWay, aborted(signal)]);
      const { id, organization } = record;
      const checkpoint = (await store.checkpoints.get(id)) ?? firstCheckpoint(record);
      // Of what has neither begun nor lost anything there is nothing to say.
      if (checkpoint.chain === undefined && checkpoint.position === checkpoint.start && !checkpoint.window) return;
      const stream = { id, organization, sink, flush, absences: record };
      const { lease } = run;
      const { signer } = digests;
      const context = { store, lease, clock, logger, observer, signal, ending: signal, requestTimeoutMs, signer };
      why = await sendFinalDigest(stream, record, checkpoint, { ...context, splits, attempt: 1 });
    } catch (error) {
      logDefect(logger, error);
      why = "The store failed.";
    } finally {
      cancel();
    }
    if (why !== undefined) logger.warn("a chain of digests ends without one that says so", { stream: record.id, why });
  };
}

/** Resolves to why there is none, or undefined where the destination has it. */
async function sendFinalDigest(
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
