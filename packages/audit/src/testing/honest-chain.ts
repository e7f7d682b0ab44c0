import { createHash } from "node:crypto";
import {
  type Digest,
  digestFile,
  digestHash,
  digestKey,
  digestLine,
  type DigestObject,
  type DigestSigner,
  formatTimestamp,
  type LabelledRange,
  type ObjectLayout,
} from "@headgate/core";
import { hour, objectOf, type StoredEvent } from "./stored-objects.ts";

/** What becomes of a sequence. `released`: set apart first, delivered with a later digest. */
export type Fate = "delivered" | "quarantined" | "filtered" | "lost" | "released";

/** A chain to be written. */
export interface ChainPlan {
  readonly organization?: string;
  readonly stream: string;
  readonly prefix?: string;
  readonly compression?: ObjectLayout["compression"];
  /** Makes the lines of objects. @default the native format's */
  readonly write?: (event: StoredEvent) => string;
  /** What the digests say of the filter in force. @default null */
  readonly filteredBy?: Digest["filtered_by"];
  /** Why. @default "pending_age_limit" */
  readonly lostAs?: string;
  /** Hours, each the fates of its sequences; an empty one is quiet. */
  readonly hours: readonly (readonly Fate[])[];
  /** The last events of an hour are of a window under way: in objects of it already, above its `through`. */
  readonly early?: number;
  /** Its stream was deleted: the last digest says so. */
  readonly final?: boolean;
  /** Of the chain. @default made of the stream's */
  readonly chain?: string;
  /** Those from before are not stored. */
  readonly unstored?: true;
  /** Events from before its digests were switched on, which none of them names. */
  readonly unsigned?: number;
}

/** Files by key. */
export type Files = Map<string, Uint8Array>;

/** Writes what a faithful runner would: two objects an hour, cut across each other, and a digest of each hour. */
export async function writeChain(files: Files, plan: ChainPlan, signer: DigestSigner): Promise<void> {
  const { organization = "org_1", stream, prefix = "", compression = "none", hours, early = 0, unsigned = 0 } = plan;
  const { write, filteredBy = null } = plan;
  const { chain = `chain-of-${stream}` } = plan;
  let [previous, from, sequence, after] = [null as string | null, hour, unsigned, unsigned];
  let waiting: number[] = [];
  let carried: number[] = [];

  async function store(sequences: readonly number[], at: number): Promise<readonly DigestObject[]> {
    const halves = [sequences.filter((n) => n % 2 === 0), sequences.filter((n) => n % 2 === 1)];
    const objects: DigestObject[] = [];
    for (const half of halves.filter(({ length }) => length > 0)) {
      const events = half.map((n, i) => ({ sequence: n, organization, occurredAt: at + i, id: `${stream}-${n}` }));
      const object = await objectOf(events, { prefix, compression }, write);
      const bytes = await (object.read() as Promise<Uint8Array>);
      files.set(object.key, bytes);
      const [sha1, sha256] = ["sha1", "sha256"].map((name) => createHash(name).update(bytes).digest("hex")) as [
        string,
        string,
      ];
      const [first, last] = [half[0] as number, half.at(-1) as number];
      objects.push({ key: object.key, sha1, sha256, bytes: bytes.length, count: half.length, first, last });
    }
    return objects;
  }

  await store(
    Array.from({ length: plan.unstored === true ? 0 : unsigned }, (_, i) => i + 1),
    hour,
  );
  for (const [index, fates] of hours.entries()) {
    const to = hour + (index + 1) * 3_600_000 + 7000;
    const numbered = fates.map((fate, i) => [sequence + i + 1, fate] as const);
    sequence += fates.length;
    const of = (...wanted: readonly Fate[]): number[] =>
      numbered.filter(([, fate]) => wanted.includes(fate)).map(([n]) => n);
    const apart = of("quarantined", "released");
    const objects = [...(await store(waiting, to - 9000)), ...(await store(carriedOf(of("delivered")), to - 6000))];
    waiting = of("released");
    // Of the next hour's events some are delivered already: their window is under way.
    carried = (hours[index + 1] ?? [])
      .slice(0, early)
      .flatMap((fate, i) => (fate === "delivered" ? [sequence + i + 1] : []));
    objects.push(...(await store(carried, to - 3000)));
    const digest: Digest = {
      type: "headgate.digest",
      version: 1,
      organization,
      stream,
      chain,
      number: index + 1,
      key: digestKey({ prefix, stream, chain }, index + 1),
      from: formatTimestamp(from),
      to: formatTimestamp(to),
      previous,
      sequences: { after, through: sequence },
      counts: {
        delivered: of("delivered").length,
        quarantined: apart.length,
        filtered: of("filtered").length,
        lost: of("lost").length,
      },
      objects,
      quarantined: apart.map((n): LabelledRange => [n, n, "event_too_large"]),
      lost: of("lost").map((n): LabelledRange => [n, n, plan.lostAs ?? "pending_age_limit"]),
      filtered_by: filteredBy,
      ...(plan.final === true && index === hours.length - 1 && { final: true }),
    };
    const line = digestLine(digest);
    files.set(digest.key as string, digestFile(line, await signer.sign(line)));
    [previous, from, after] = [digestHash(line), to, sequence];
  }

  function carriedOf(sequences: readonly number[]): readonly number[] {
    return sequences.filter((n) => !carried.includes(n));
  }
}

/** When the last digest of so many hours was made, Unix ms. */
export function endOf(hours: number): number {
  return hour + hours * 3_600_000 + 7000;
}
