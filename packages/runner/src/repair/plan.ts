import type { Store, StoredObject, StreamRecord } from "@headgate/core";
import type { Cause, Remaining } from "./remaining.ts";
import { gathered, normalized, type Range, sizeOf, within, without } from "./ranges.ts";
import type { Wanted } from "./wanted.ts";

/** What a stream's place lacks, by what the store knows of it. */
export interface RepairPlan {
  readonly stream: string;
  readonly organization: string;
  /** Objects that are to be stored again. */
  readonly objects: number;
  /** Sequences of theirs that are missing, and those that will be in objects of their own. */
  readonly again: readonly Range[];
  /** What replays are asked for: they may cover more than is missing, of which what is there stays as it is. */
  readonly replays: readonly Range[];
  readonly remaining: readonly Remaining[];
}

/** Replays run one after another, and each has its own start: what is between two ranges is quicker looked at than left out. */
const mostReplays = 10;

/** Records may hold many ranges, and entries of the quarantine their events: few are in memory at a time. */
const pageSize = { objects: 50, quarantine: 20 } as const;

/**
 * Holds what a report wants of a stream against the store: what is on record can be stored again; of the rest it says why not.
 * Reads alone.
 */
export async function planRepair(store: Store, record: StreamRecord, wanted: Wanted): Promise<RepairPlan> {
  const { id, organization } = record;
  const empty = { stream: id, organization, objects: 0, again: [], replays: [] };
  const checkpoint = await store.checkpoints.get(id);
  const { recorded, position = 0, start = record.start } = checkpoint ?? {};
  const hull = hullOf([...wanted.objects.values(), ...wanted.sequences, ...wanted.unseen]);
  if (hull === undefined) return { ...empty, remaining: [] };
  if (recorded === undefined) return { ...empty, remaining: [{ cause: "no_objects", stream: id }] };

  const held = await store.journal.firstSequence(organization);
  const [missing, altered] = [namesOf(wanted.objects.keys()), namesOf(wanted.altered)];
  const [again, covered, replayed]: [Range[], Range[], Range[]] = [[], [], []];
  const remaining: Remaining[] = [];
  let objects = 0;
  for await (const object of recordedIn(store, id, hull)) {
    const { sequences } = object;
    const lacked = within(wanted.sequences, sequences);
    const name = nameOf(object.key);
    const gone = missing.delete(name);
    if (!gone && lacked.length === 0 && !altered.has(name) && within(wanted.unseen, sequences).length === 0) continue;
    covered.push(...sequences);
    if ((sequences[0]?.[0] ?? 0) < held) {
      if (gone || lacked.length > 0)
        remaining.push({ cause: "trimmed", stream: id, key: object.key, sequences: hullOf(sequences) ?? [0, 0] });
      continue;
    }
    replayed.push(...sequences);
    // What is known to be another one is told of as such.
    if (altered.has(name) || (!gone && lacked.length === 0)) continue;
    objects++;
    again.push(...(gone ? sequences : lacked));
  }
  for (const key of missing.values()) {
    const sequences = wanted.objects.get(key) ?? [0, 0];
    covered.push(sequences);
    remaining.push({ cause: sequences[0] < held ? "trimmed" : "unrecorded", stream: id, key, sequences });
  }

  let open = without(wanted.sequences, normalized(covered));
  const take = (ranges: readonly Range[]): readonly Range[] => {
    const taken = within(open, ranges);
    open = without(open, taken);
    return taken;
  };
  const leave = (cause: Cause, ranges: readonly Range[]): void => {
    for (const sequences of take(normalized(ranges))) remaining.push({ cause, stream: id, sequences });
  };
  const { lastSequence } = await store.journal.head(organization);
  const first = (open[0]?.[0] ?? 1) - 1;
  const skipped = await store.journal.skipped(organization, first);
  leave(
    "store_restored",
    skipped.map(({ after, through }) => [after + 1, through] as const),
  );
  leave("never_given", [[lastSequence + 1, Number.MAX_SAFE_INTEGER]]);
  leave("pending", [[Math.max(position, start) + 1, Number.MAX_SAFE_INTEGER]]);
  leave("quarantined", await quarantinedIn(store, id, open));
  leave("trimmed", [[1, held - 1]]);
  // Without digests somebody has named the stream that is to fill the gap.
  const anew = wanted.chain === undefined ? take([[1, start]]) : [];
  leave("before_stream", [[1, start]]);
  leave("given_up", checkpoint?.lost?.ranges.map(([from, to]) => [from, to] as const) ?? []);
  leave("unrecorded", [[1, recorded.since]]);
  leave("left_out", [[1, Number.MAX_SAFE_INTEGER]]);

  // Before its start a replay stores what is not on record: there nothing may be asked for that is not missing.
  const exact = [...within(normalized(replayed), [[1, start]]), ...anew];
  const later = within(normalized(replayed), [[start + 1, Number.MAX_SAFE_INTEGER]]);
  return {
    ...empty,
    objects,
    again: normalized([...again, ...anew]),
    replays: [...normalized(exact), ...gathered(later, mostReplays)],
    remaining,
  };
}

/** How many events a plan is to bring back. */
export function eventsOf({ again }: RepairPlan): number {
  return sizeOf(again);
}

/** Keys by their last part, which holds the SHA-1 of the bytes: what is above it depends on where an audit began to read. */
function namesOf(keys: Iterable<string>): Map<string, string> {
  return new Map(Array.from(keys, (key) => [nameOf(key), key]));
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

function hullOf(ranges: readonly Range[]): Range | undefined {
  if (ranges.length === 0) return undefined;
  return ranges.reduce(([a, b], [first, last]) => [Math.min(a, first), Math.max(b, last)] as const);
}

async function* recordedIn(store: Store, stream: string, [from, to]: Range): AsyncGenerator<StoredObject> {
  for (let after = 0; ;) {
    const page = await store.objects.list(stream, { after, from, to, limit: pageSize.objects });
    yield* page;
    after = page.at(-1)?.number ?? 0;
    if (page.length < pageSize.objects) return;
  }
}

async function quarantinedIn(store: Store, stream: string, open: readonly Range[]): Promise<readonly Range[]> {
  const found: [number, number][] = [];
  const hull = hullOf(open);
  if (hull === undefined) return found;
  for (let after = hull[0] - 1; after < hull[1];) {
    const page = await store.quarantine.list(stream, { after, limit: pageSize.quarantine });
    for (const { sequence } of page) {
      const last = found.at(-1);
      if (last !== undefined && last[1] + 1 === sequence) last[1] = sequence;
      else found.push([sequence, sequence]);
    }
    after = page.length < pageSize.quarantine ? hull[1] : (page.at(-1)?.sequence ?? hull[1]);
  }
  return found;
}
