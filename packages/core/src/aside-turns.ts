import { backoff, probeDelay } from "./backoff.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Clock, Random } from "./clock.ts";
import type { DeliverySettings } from "./delivery-settings.ts";
import { digestDueAt, type DigestSettings } from "./digest-chain.ts";
import { takeDigestTurn } from "./digest-turn.ts";
import type { Logger } from "./logger.ts";
import { takeReplayTurn } from "./replay-turn.ts";
import type { Aside, StreamEntry } from "./stream-entry.ts";
import type { TurnContext, TurnResult, TurnStream } from "./turn.ts";

/**
 * What a stream's turn does beside delivering what is new: a step of a replay, a digest. It has waits of its own, so that
 * what is refused of it holds up no event.
 */
export interface AsideTurns {
  /** A digest, where one is due. */
  readonly digest: AsideTurn;
  /** Everything. */
  readonly all: AsideTurn;
}

type AsideTurn = (
  entry: StreamEntry,
  stream: TurnStream,
  before: TurnResult,
  context: TurnContext,
) => Promise<TurnResult>;

export function createAsideTurns({
  clock,
  random,
  logger,
  settings,
  digests,
  flushing,
}: {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: DeliverySettings;
  /** Absent: no digests are made. */
  readonly digests: DigestSettings | undefined;
  readonly flushing: () => boolean;
}): AsideTurns {
  /** What one thing aside came to for the turn as a whole. */
  async function take(
    what: string,
    aside: Aside,
    { entry, before }: { readonly entry: StreamEntry; readonly before: TurnResult },
    work: () => Promise<TurnResult>,
  ): Promise<TurnResult> {
    const result = await work();
    if (result.status === "blocked" && result.error.code === "store_restored") return result;
    if (result.status !== "retry" && result.status !== "blocked") {
      aside.failures = 0;
      aside.unreached = undefined;
      aside.notBefore = 0;
      return result.status === "idle" ? { ...before, checkpoint: result.checkpoint } : result;
    }
    aside.failures += 1;
    aside.unreached = result.status === "retry" && result.error.code !== "signing_failed" ? result.error : undefined;
    const wait =
      result.status === "blocked"
        ? probeDelay(settings.retry, random)
        : backoff(settings.retry, aside.failures, result.afterMs, random);
    aside.notBefore = clock.now() + wait;
    logger.warn(`${what} of a stream failed`, {
      stream: entry.stream.record.id,
      code: result.error.code,
      message: result.error.message,
      failures: aside.failures,
      retry_in_ms: Math.round(wait),
    });
    return { ...before, checkpoint: result.checkpoint };
  }

  const goesOn = ({ status }: TurnResult): boolean => status === "idle" || status === "done";

  const digest: AsideTurn = async (entry, stream, before, context) => {
    const { checkpoint } = before;
    if (!goesOn(before) || digests === undefined) return before;
    if (dueAt(entry, stream, checkpoint, digests) > clock.now()) return before;
    return take("a digest", entry.digest, { entry, before }, () =>
      takeDigestTurn(stream, entry.stream.record, checkpoint, { ...context, signer: digests.signer }),
    );
  };

  const all: AsideTurn = async (entry, stream, before, context) => {
    if (!goesOn(before) || !entry.replaying || entry.replay.notBefore > clock.now())
      return digest(entry, stream, before, context);
    const result = await take("a replay", entry.replay, { entry, before }, async () => {
      const step = await takeReplayTurn(stream, entry.stream.record, before.checkpoint, context);
      if (step.status === "idle") entry.replaying = false;
      return step;
    });
    return digest(entry, stream, result, context);
  };

  return { digest, all };

  function dueAt(
    { stream: { record }, digest: aside }: StreamEntry,
    { sink }: TurnStream,
    checkpoint: Checkpoint,
    how: DigestSettings,
  ): number {
    if (sink.digests === undefined) return Number.POSITIVE_INFINITY;
    const due = digestDueAt(record, checkpoint, { ...how, now: clock.now(), flushing: flushing(), spread: 0 });
    return Math.max(due, aside.notBefore);
  }
}
