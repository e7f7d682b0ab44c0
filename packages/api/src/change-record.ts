import { isHeadgateError, type JsonObject, type Target } from "@headgate/core";
import type { ChangeEvent } from "./change-journal.ts";
import { statusOf } from "./problem.ts";
import type { RouteContext } from "./route.ts";

/** A change of configuration. */
export interface ConfigurationChange {
  /** E.g. `headgate.stream.created`. */
  readonly action: string;
  /** @default "configuration" */
  readonly category?: string;
  readonly targets: readonly Target[];
  /** Which settings changed; never the value of a secret. */
  readonly metadata?: JsonObject;
}

/** What came of a change: a result for whoever asked, and what the log is told; absent where nothing has changed. */
export interface MadeChange<T> {
  readonly result: T;
  readonly change?: ConfigurationChange;
}

/**
 * Makes a change of configuration, and tells the organization's own log of it, with whoever made it. What is intended is
 * stored first: should the process end in the midst of it, or the store fail, the log is told of a change whose outcome is
 * `unknown`. A change outside any organization goes to the operator's log file instead.
 *
 * @example
 * ```ts
 * const target = { type: "headgate.stream", id: stream.id, name: stream.name };
 * const change = { action: "headgate.stream.paused", targets: [target] };
 * await changed(context, change, async () => ({ result: await headgate.streams.pause(stream.id), change }));
 * ```
 */
export async function changed<T>(
  context: RouteContext,
  intended: ConfigurationChange,
  make: () => Promise<MadeChange<T>>,
): Promise<T> {
  const { organization, principal, clock, logger, changes, requestId } = context;
  if (organization === "") {
    const { result, change } = await make();
    if (change !== undefined)
      logger.info("a change outside any organization", {
        action: change.action,
        actor: principal.actor.id,
        request: requestId,
      });
    return result;
  }
  const begun = eventOf(context, intended, clock.now());
  await changes.begin(begun);
  let made: MadeChange<T>;
  try {
    made = await make();
  } catch (error) {
    // Refused: nothing has changed. Whatever else went wrong may have done so after the change.
    if (isHeadgateError(error) && statusOf(error.code) < 500) await changes.dropped(begun);
    else changes.brokenOff(begun);
    throw error;
  }
  if (made.change === undefined) await changes.dropped(begun);
  else await changes.made(eventOf(context, made.change, begun.at));
  return made.result;
}

/** Tells the organization's own log of something that has happened and needs no intention, such as a verification. */
export async function tellOf(context: RouteContext, change: ConfigurationChange): Promise<void> {
  await context.changes.made(eventOf(context, change, context.clock.now()));
}

function eventOf(
  { organization, principal, requestId }: RouteContext,
  { action, category = "configuration", targets, metadata }: ConfigurationChange,
  at: number,
): ChangeEvent {
  return {
    id: `headgate-change-${requestId}`,
    organization,
    at,
    event: {
      action,
      category,
      actor: { ...principal.actor },
      targets: targets.map((target) => ({ ...target })),
      context: { request_id: requestId, ...(principal.ip !== undefined && { ip: principal.ip }) },
      ...(metadata !== undefined && { metadata }),
    },
  };
}
