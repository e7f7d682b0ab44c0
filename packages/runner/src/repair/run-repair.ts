import { HeadgateError, isHeadgateError, type Replay, type StreamStatus } from "@headgate/core";
import { setTimeout as wait } from "node:timers/promises";
import { recordOperatorChange } from "../commands/operator-record.ts";
import type { StoredView } from "../embedded.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { RepairPlan } from "./plan.ts";
import type { Range } from "./ranges.ts";
import { createStandIn } from "./stand-in.ts";

/** What a stream's replays came to. */
export interface Repaired {
  readonly plan: RepairPlan;
  /** Those that have ended. */
  readonly replays: readonly Replay[];
  /** Why the rest of them did not. */
  readonly failed?: string;
}

/** What a repair works with. */
export interface RepairContext {
  readonly view: StoredView;
  /** The configuration's file, for a repair that must deliver itself. */
  readonly config: string | undefined;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** How long a replay may stand still. */
  readonly patienceMs: number;
  readonly onProgress: (replay: Replay) => void;
}

interface Waiting extends RepairContext {
  /** Sees to it that somebody delivers. */
  readonly ensureRunner: () => Promise<void>;
}

const pollMs = 250;

/**
 * Has streams replay what their plans say, one range after another, and waits for each. A runner at work delivers them;
 * where there is none, this process does so until it is through. Killed, it leaves at most one replay, which the next runner
 * finishes, and is started again.
 */
export async function runRepair(plans: readonly RepairPlan[], context: RepairContext): Promise<readonly Repaired[]> {
  await using standIn = createStandIn(context.view, context.config, context.terminal);
  const waiting = { ...context, ensureRunner: standIn.ensure };
  return await Promise.all(plans.map((plan) => repairStream(plan, waiting)));
}

async function repairStream(plan: RepairPlan, context: Waiting): Promise<Repaired> {
  const { streams } = context.view.headgate;
  const done: Replay[] = [];
  try {
    for (const range of plan.replays) {
      const status = await streams.status(plan.stream);
      if (status.health.state === "paused")
        throw new HeadgateError("request_invalid", `The stream ${plan.stream} is paused.`, {
          hint: "Resume it, and repair again.",
        });
      done.push(await replayed(status, range, context));
    }
    return { plan, replays: done };
  } catch (error) {
    if (!isHeadgateError(error)) throw error;
    return { plan, replays: done, failed: error.hint === undefined ? error.message : `${error.message} ${error.hint}` };
  }
}

async function replayed(
  { id, organization, name = id }: StreamStatus,
  [firstSequence, lastSequence]: Range,
  context: Waiting,
): Promise<Replay> {
  const { headgate } = context.view;
  for (;;) {
    // One that somebody else asked for comes first.
    await ended(id, context);
    let replay: Replay;
    try {
      replay = await headgate.streams.replay(id, { firstSequence, lastSequence });
    } catch (error) {
      if (isHeadgateError(error, "replay_running")) continue;
      throw error;
    }
    await recordOperatorChange(headgate, {
      action: "headgate.stream.replayed",
      organization,
      target: { type: "headgate.stream", id, name },
      metadata: { first_sequence: firstSequence, last_sequence: lastSequence, reason: "repair" },
    });
    const result = await ended(id, context);
    if (result?.state === "done" && result.requestedAt === replay.requestedAt) return result;
    throw new HeadgateError("cancelled", `The replay of stream ${id} was cancelled.`, { hint: "Repair again." });
  }
}

/** Waits until the stream has no replay under way; resolves to the last one. */
async function ended(
  id: string,
  { view, signal, patienceMs, onProgress, ensureRunner }: Waiting,
): Promise<Replay | undefined> {
  let [before, since] = ["", performance.now()];
  for (;;) {
    const replay = await view.headgate.streams.replayOf(id);
    if (replay?.state !== "running") return replay;
    onProgress(replay);
    const state = JSON.stringify(replay);
    if (state !== before) [before, since] = [state, performance.now()];
    if (signal.aborted)
      throw new HeadgateError("cancelled", `The repair was stopped before stream ${id} was through.`, {
        hint: "A runner finishes the replay that is under way. Repair again for the rest.",
      });
    if (performance.now() - since > patienceMs) {
      const { health } = await view.headgate.streams.status(id);
      const why = health.lastError === undefined ? "" : `: ${health.lastError.message.replace(/\.$/, "")}`;
      throw new HeadgateError(
        "destination_timeout",
        `The replay of stream ${id} has stood still for ${Math.round(patienceMs / 1000)} s${why}.`,
        { hint: "It goes on by itself once the destination takes it and a runner is at work. Repair again then." },
      );
    }
    await ensureRunner();
    await wait(pollMs, undefined, { signal }).catch(() => {});
  }
}
