import type { Checkpoint } from "./checkpoint.ts";
import { endReplay, type ReplayJob, type RunningReplay, runningReplay, saveReplay } from "./replay.ts";
import { storeAgain } from "./replay-objects.ts";
import { sendRange } from "./replay-events.ts";
import type { TurnContext, TurnResult, TurnStream } from "./turn.ts";

/** What a step of a replay came to. */
export interface ReplayTurn {
  readonly job: ReplayJob;
  /** `idle`: the replay is through. `done`: there may be more. */
  readonly result: TurnResult;
}

/** A replay while a step of it is taken. */
export interface TakenReplay {
  readonly job: ReplayJob;
  /** Writes how far it is, in the midst of the step. False where somebody else has ended it. */
  save(job: ReplayJob): Promise<boolean>;
}

/**
 * One step of a stream's replay, if one is under way: some objects that it had stored, or one window of events. Progress
 * is written after each step; a crash repeats one, which object stores do not notice.
 */
export async function takeReplayTurn(
  stream: TurnStream,
  record: { readonly incarnation: string },
  from: Checkpoint,
  context: TurnContext,
): Promise<TurnResult> {
  const { store, clock, logger } = context;
  let found: RunningReplay | undefined = await runningReplay(store, stream.id);
  if (found === undefined) return { status: "idle", checkpoint: from };
  const { job } = found;
  if (job.incarnation !== record.incarnation) {
    await endReplay(store, found, { ...job, state: "cancelled", endedAt: clock.now() });
    return { status: "idle", checkpoint: from };
  }
  const taken: TakenReplay = {
    job,
    async save(next) {
      found = found && (await saveReplay(store, found, next));
      return found !== undefined;
    },
  };
  const keeps = typeof stream.sink.digests === "object";
  const again = keeps && job.object !== null && job.step === undefined;
  const turn = await (again ? storeAgain(stream, from, taken, context) : sendRange(stream, from, taken, context));
  const { status, checkpoint } = turn.result;
  // Where somebody has ended it meanwhile, it has ended.
  if (found === undefined) return { status: "idle", checkpoint };
  if (status === "idle") {
    await endReplay(store, found, { ...turn.job, state: "done", endedAt: clock.now() });
    const { objects, events, refused, lost } = turn.job;
    logger.info("a replay has ended", { stream: stream.id, objects, events, refused, lost });
  } else if (!(await taken.save(turn.job))) return { status: "idle", checkpoint };
  return turn.result;
}
