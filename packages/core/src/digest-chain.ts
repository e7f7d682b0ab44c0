import type { Checkpoint, DigestChain, StoredObject } from "./checkpoint.ts";
import type { Digest, DigestObject, LabelledRange } from "./digest.ts";
import type { DigestSigner } from "./digest-keys.ts";
import { HeadgateError } from "./errors.ts";
import { countOf } from "./labelled-ranges.ts";
import type { JsonObject } from "./event.ts";
import type { Sink } from "./sink.ts";
import type { Store, StreamRecord } from "./store.ts";
import { hourMs } from "./time.ts";

/** So many objects make a digest due before its hour is over: readers hold one digest in memory. */
const mostObjects = 2000;

/** A chain that begins with more records than this vouches for what comes from now on, and not for what was before. */
const mostAtFirst = 10_000;

/** How digests are made. */
export interface DigestSettings {
  readonly signer: DigestSigner;
  /** Longest time from one digest of a stream to the next, in ms, from a second to an hour. @default an hour */
  readonly everyMs?: number;
}

/** @throws `config_invalid` */
export function assertDigestSettings({ everyMs = hourMs }: DigestSettings): void {
  if (everyMs >= 1000 && everyMs <= hourMs) return;
  throw new HeadgateError("config_invalid", "Digests must be made at least once an hour, and at most once a second.");
}

/**
 * When a stream's next digest is due, Unix ms: at the end of the hour, or what else is the beat, in which the last one was
 * made, spread over a sixth of it, or at once where many objects wait for it. While everything is flushed, whatever is not
 * vouched for is due.
 */
export function digestDueAt(
  record: Pick<StreamRecord, "createdAt" | "paused" | "chain" | "incarnation">,
  { recorded, chain, position, start }: Checkpoint,
  {
    now,
    flushing,
    spread,
    everyMs = hourMs,
  }: {
    /** Unix ms. */
    readonly now: number;
    readonly flushing: boolean;
    readonly spread: number;
  } & Pick<DigestSettings, "everyMs">,
): number {
  if (record.paused) return Number.POSITIVE_INFINITY;
  // At another place a chain begins before anything else does, so that it vouches for all that comes.
  if (chain !== undefined && chain.id !== chainIdOf(record)) return 0;
  if (chain?.sealed !== undefined || chain?.doubted === true) return 0;
  const waiting = (recorded?.count ?? 0) - (chain?.objects ?? 0);
  if (waiting >= mostObjects) return 0;
  if (flushing && (waiting > 0 || position > (chain?.through ?? start))) return 0;
  const madeAt = chain?.madeAt ?? record.createdAt;
  // The clock was ahead then: by the time of now nothing is known of when.
  if (madeAt > now) return 0;
  return Math.floor(madeAt / everyMs) * everyMs + everyMs + (spread * everyMs) / 6;
}

/** Which chain a stream's digests are of now. */
export function chainIdOf({ chain, incarnation }: Pick<StreamRecord, "chain" | "incarnation">): string {
  return chain ?? incarnation;
}

/**
 * The chain that a stream's next digest goes on with. One begins with the stream; where digests were switched on later, with
 * what is recorded of it; and at another place with what is delivered there.
 */
export async function chainBefore(
  store: Store,
  record: StreamRecord,
  checkpoint: Checkpoint,
  sink: Pick<Sink, "digests">,
): Promise<DigestChain> {
  const { chain, recorded, position } = checkpoint;
  const id = chainIdOf(record);
  if (chain?.id === id) return chain;
  const to = chain?.to ?? record.createdAt;
  const first = { id, number: 0, hash: null, to, madeAt: chain?.madeAt ?? to };
  const { filtered = 0, lost } = checkpoint;
  const late = { through: beforeLost(position, lost?.ranges ?? []), filtered };
  // Which events those are that were given up before anything was to list them, is not known any more.
  const unlisted = (lost?.count ?? 0) > countOf(lost?.ranges ?? []);
  if (typeof sink.digests !== "object")
    return { ...first, ...(chain === undefined && !unlisted ? { through: record.start } : late), objects: 0 };
  const now = { ...first, ...late, objects: recorded?.count ?? 0 };
  if (chain !== undefined || recorded === undefined || unlisted) return now;
  // Listed before the journal is asked what it holds: what is trimmed between the two is not claimed.
  const [oldest] = await store.objects.list(record.id, { limit: 1 });
  const held = (await store.journal.firstSequence(record.organization)) - 1;
  const objects = (oldest?.number ?? recorded.count + 1) - 1;
  // How many of the trimmed events were left out, and how many of those that are held, is not known any more.
  if (recorded.count - objects > mostAtFirst || (filtered > 0 && held > recorded.since)) return now;
  return { ...first, through: Math.min(position, Math.max(held, recorded.since)), objects };
}

/** What was given up last, and no digest lists yet, is the new chain's to list. */
function beforeLost(position: number, ranges: readonly LabelledRange[]): number {
  return ranges.reduceRight((through, [from, to]) => (to === through ? from - 1 : through), position);
}

/** Makes the digest that comes after a chain's last one: of all that is settled and recorded by now. */
export async function nextDigest(
  store: Store,
  {
    record,
    checkpoint,
    chain,
    sink,
    now,
    final,
  }: {
    readonly record: StreamRecord;
    readonly checkpoint: Checkpoint;
    readonly chain: DigestChain;
    readonly sink: Pick<Sink, "digests">;
    /** Unix ms. */
    readonly now: number;
    /** The stream is being deleted: the digest ends its chain, if it covers all that there is. */
    readonly final: boolean;
  },
): Promise<{ readonly digest: Digest; readonly to: number; readonly objects: number; readonly filtered: number }> {
  const { id, organization } = record;
  const number = chain.number + 1;
  // A clock that was set back must not make periods overlap.
  const to = Math.max(now, chain.to);
  const { digests } = sink;
  const count = checkpoint.recorded?.count ?? 0;
  // Readers hold a digest in memory: where more objects wait, it names the first of them and vouches for no sequence yet.
  const objectsThrough = Math.min(count, chain.objects + mostObjects);
  const through = typeof digests === "object" && objectsThrough < count ? chain.through : checkpoint.position;
  const sequences = { after: chain.through, through };
  const quarantined = await quarantinedIn(store, id, sequences);
  const apart = countOf(quarantined);
  // Commits go by whole ranges: none lies on both sides of a checkpoint's position.
  const lost = (checkpoint.lost?.ranges ?? []).filter(([first, last]) => first > sequences.after && last <= through);
  // What a window has left out is counted when it ends.
  const filteredThrough = through === checkpoint.position ? (checkpoint.filtered ?? 0) : (chain.filtered ?? 0);
  const filtered = filteredThrough - (chain.filtered ?? 0);
  const objects =
    typeof digests === "object" ? await objectsSince(store, id, chain.objects, objectsThrough) : undefined;
  return {
    to,
    objects: objectsThrough,
    filtered: filteredThrough,
    digest: {
      type: "headgate.digest",
      version: 1,
      organization,
      stream: id,
      chain: chain.id,
      number,
      key: typeof digests === "object" ? digests.key({ stream: id, chain: chain.id }, number) : null,
      from: new Date(chain.to).toISOString(),
      to: new Date(to).toISOString(),
      previous: chain.hash,
      sequences,
      counts: {
        delivered: sequences.through - sequences.after - apart - filtered - countOf(lost),
        quarantined: apart,
        filtered,
        lost: countOf(lost),
      },
      ...(objects && { objects }),
      quarantined,
      lost,
      filtered_by: (record.shape as JsonObject | undefined) ?? null,
      ...(final && objectsThrough === count && { final }),
    },
  };
}

/** Records may hold many ranges, and entries of the quarantine their events: few are in memory at a time. */
const pageSize = { objects: 50, quarantine: 20 } as const;

async function objectsSince(
  store: Store,
  stream: string,
  after: number,
  through: number,
): Promise<readonly DigestObject[]> {
  const objects: DigestObject[] = [];
  for (let last = after; last < through;) {
    const limit = Math.min(pageSize.objects, through - last);
    const page = await store.objects.list(stream, { after: last, limit });
    objects.push(...page.filter(({ number }) => number <= through).map(named));
    last = page.at(-1)?.number ?? Number.POSITIVE_INFINITY;
  }
  return objects;
}

function named({ key, sha1, sha256, bytes, count, sequences }: StoredObject): DigestObject {
  return { key, sha1, sha256, bytes, count, first: sequences[0]?.[0] ?? 0, last: sequences.at(-1)?.[1] ?? 0 };
}

async function quarantinedIn(
  store: Store,
  stream: string,
  { after, through }: Digest["sequences"],
): Promise<readonly LabelledRange[]> {
  const ranges: [number, number, string][] = [];
  for (let last = after; last < through;) {
    const page = await store.quarantine.list(stream, { after: last, limit: pageSize.quarantine });
    for (const { sequence, reason } of page) {
      if (sequence > through) return ranges;
      const range = ranges.at(-1);
      if (range !== undefined && range[1] + 1 === sequence && range[2] === reason.code) range[1] = sequence;
      else ranges.push([sequence, sequence, reason.code]);
    }
    if (page.length < pageSize.quarantine) return ranges;
    last = page.at(-1)?.sequence ?? through;
  }
  return ranges;
}
