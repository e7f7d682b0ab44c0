import type { Checkpoint, DigestChain, StoredObject } from "./checkpoint.ts";
import type { Digest, DigestObject, LabelledRange } from "./digest.ts";
import type { DigestSigner } from "./digest-keys.ts";
import { HeadgateError } from "./errors.ts";
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
 * made, spread over a sixtieth of it, or at once where many objects wait for it. While everything is flushed, whatever is not vouched for is due.
 */
export function digestDueAt(
  { createdAt, paused }: Pick<StreamRecord, "createdAt" | "paused">,
  { recorded, chain, position, start }: Checkpoint,
  {
    flushing,
    spread,
    everyMs = hourMs,
  }: { readonly flushing: boolean; readonly spread: number } & Pick<DigestSettings, "everyMs">,
): number {
  if (paused) return Number.POSITIVE_INFINITY;
  if (chain?.sealed !== undefined) return 0;
  const waiting = (recorded?.count ?? 0) - (chain?.objects ?? 0);
  if (waiting >= mostObjects) return 0;
  if (flushing && (waiting > 0 || position > (chain?.through ?? start))) return 0;
  const before = Math.floor((chain?.to ?? createdAt) / everyMs) * everyMs;
  return before + everyMs + (spread * everyMs) / 60;
}

/** Where a chain of digests begins: with the stream, or, where they were switched on later, with what is recorded of it. */
export async function chainBefore(store: Store, record: StreamRecord, checkpoint: Checkpoint): Promise<DigestChain> {
  const { chain, recorded, position } = checkpoint;
  if (chain !== undefined) return chain;
  const first = { number: 0, hash: null, to: record.createdAt };
  if (recorded === undefined) return { ...first, through: record.start, objects: 0 };
  const held = (await store.journal.firstSequence(record.organization)) - 1;
  const [oldest] = await store.objects.list(record.id, { limit: 1 });
  const objects = (oldest?.number ?? recorded.count + 1) - 1;
  if (recorded.count - objects > mostAtFirst) return { ...first, through: position, objects: recorded.count };
  return { ...first, through: Math.min(position, Math.max(held, recorded.since)), objects };
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
  }: {
    readonly record: StreamRecord;
    readonly checkpoint: Checkpoint;
    readonly chain: DigestChain;
    readonly sink: Pick<Sink, "digests">;
    /** Unix ms. */
    readonly now: number;
  },
): Promise<{ readonly digest: Digest; readonly to: number }> {
  const { id, organization, incarnation } = record;
  const number = chain.number + 1;
  // A clock that was set back must not make periods overlap.
  const to = Math.max(now, chain.to);
  const sequences = { after: chain.through, through: checkpoint.position };
  const quarantined = await quarantinedIn(store, id, sequences);
  const apart = quarantined.reduce((sum, [from, last]) => sum + last - from + 1, 0);
  const { digests } = sink;
  const objects = typeof digests === "object" ? await objectsSince(store, id, chain, checkpoint) : undefined;
  return {
    to,
    digest: {
      type: "headgate.digest",
      version: 1,
      organization,
      stream: id,
      chain: incarnation,
      number,
      key: typeof digests === "object" ? digests.key({ stream: id, chain: incarnation }, number, to) : null,
      from: new Date(chain.to).toISOString(),
      to: new Date(to).toISOString(),
      previous: chain.hash,
      sequences,
      counts: {
        delivered: sequences.through - sequences.after - apart,
        quarantined: apart,
        filtered: 0,
        lost: 0,
      },
      ...(objects && { objects }),
      quarantined,
      lost: [],
      filtered_by: null,
    },
  };
}

const pageSize = 500;

async function objectsSince(
  store: Store,
  stream: string,
  { objects: after }: DigestChain,
  { recorded }: Checkpoint,
): Promise<readonly DigestObject[]> {
  const objects: DigestObject[] = [];
  for (let last = after; last < (recorded?.count ?? 0);) {
    const page = await store.objects.list(stream, { after: last, limit: pageSize });
    objects.push(...page.map(named));
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
    const page = await store.quarantine.list(stream, { after: last, limit: pageSize });
    for (const { sequence, reason } of page) {
      if (sequence > through) return ranges;
      const range = ranges.at(-1);
      if (range !== undefined && range[1] + 1 === sequence && range[2] === reason.code) range[1] = sequence;
      else ranges.push([sequence, sequence, reason.code]);
    }
    if (page.length < pageSize) return ranges;
    last = page.at(-1)?.sequence ?? through;
  }
  return ranges;
}
