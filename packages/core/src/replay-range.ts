import type { Checkpoint } from "./checkpoint.ts";
import { sliceGroup } from "./group.ts";
import type { Journal, JournalGroup } from "./journal.ts";
import type { ReplayRange } from "./replay.ts";
import type { DeliveryResult } from "./sink.ts";
import { rangesOf } from "./stored-object.ts";
import type { TurnResult } from "./turn.ts";

/** A group with its bodies. */
export type Group = JournalGroup & { readonly body: Uint8Array };

/** Whether an instant, Unix ms, is of the time asked for. */
export function inTime(
  instant: number,
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: ReplayRange,
): boolean {
  return instant >= from && instant < to;
}

/** The parts of a group that hold wanted events, with bodies of their own. */
export function wanted(group: Group, wants: (sequence: number, instant: number) => boolean): readonly Group[] {
  const sequences = Array.from(group.occurredAt, (instant, i) => [group.firstSequence + i, instant] as const)
    .filter(([sequence, instant]) => wants(sequence, instant))
    .map(([sequence]) => sequence);
  return rangesOf(sequences).flatMap(([from, to]) => {
    const part = sliceGroup(group, from - 1, to);
    return part === undefined ? [] : [{ ...part, body: part.body.slice() }];
  });
}

/** What of some sequences, both ends included, the journal ever gave: those that a restored store left out are no events. */
export async function givenWithin(
  journal: Pick<Journal, "skipped">,
  organization: string,
  [from, to]: readonly [number, number],
): Promise<readonly (readonly [number, number])[]> {
  const given: (readonly [number, number])[] = [];
  let next = from;
  for (const { after, through } of await journal.skipped(organization, from - 1)) {
    if (after >= to) break;
    if (after >= next) given.push([next, after]);
    next = through + 1;
  }
  return next > to ? given : [...given, [next, to]];
}

/** What stops a replay for now; undefined where the events themselves were refused. */
export function failed(result: DeliveryResult, checkpoint: Checkpoint): TurnResult | undefined {
  if (result.status === "blocked") return { status: "blocked", error: result.error, checkpoint };
  if (result.status !== "retry") return undefined;
  const { error, afterMs } = result;
  return { status: "retry", error, checkpoint, ...(afterMs !== undefined && { afterMs }) };
}

export async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}
