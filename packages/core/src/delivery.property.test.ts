import { createHash, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Digest, digestHash, parseDigestFile } from "./digest.ts";
import { digestSigner, type DigestSigner, verifyDigest } from "./digest-keys.ts";
import { createHeadgate, type Headgate } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import type { CheckpointCommit, Store } from "./store.ts";
import { type Behaviour, bucket, type Bucket } from "./testing/bucket-sink.ts";
import { storeThrough } from "./testing/runner-process.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";

/** Health events would come among the events that these tests count. */
const quiet = { auditLog: false } as const;

const start = Date.parse("2026-03-01T10:50:00Z");
const never = new Promise<never>(() => {});

/** The store as one process sees it: after a crash none of its calls is answered, and none takes effect. */
function handle(store: Store, alive: () => boolean): Store {
  return storeThrough(store, (call) => (alive() ? call() : never));
}

type Step =
  | {
      readonly kind: "append";
      readonly organization: number;
      readonly ids: readonly number[];
      readonly hoursAgo: readonly number[];
    }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "behave"; readonly behaviours: readonly Behaviour[] }
  | { readonly kind: "outage"; readonly blocked: boolean }
  | { readonly kind: "skip"; readonly organization: number; readonly count: number }
  | { readonly kind: "crash" | "restart" | "second" };

const organizations = ["org_a", "org_b"];

const steps = (
  behaviours: readonly Behaviour[],
  { hours = false, outages = false }: { readonly hours?: boolean; readonly outages?: boolean } = {},
): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant("append" as const),
          organization: fc.nat(1),
          ids: fc.array(fc.nat(400), { minLength: 1, maxLength: 30 }),
          hoursAgo: fc.array(fc.nat(3), { minLength: 1, maxLength: 5 }),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant("advance" as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant("behave" as const),
          behaviours: fc.array(fc.constantFrom(...behaviours), { maxLength: 6 }),
        }),
      },
      { weight: hours ? 3 : 0, arbitrary: fc.constant({ kind: "advance" as const, ms: 3_600_000 }) },
      {
        weight: outages ? 3 : 0,
        arbitrary: fc.record({ kind: fc.constant("outage" as const), blocked: fc.constantFrom(true, true, false) }),
      },
      {
        weight: outages ? 4 : 0,
        arbitrary: fc.record({
          kind: fc.constant("advance" as const),
          ms: fc.integer({ min: 1, max: 36 }).map((n) => n * 3_600_000),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant("skip" as const),
          organization: fc.nat(1),
          count: fc.integer({ min: 1, max: 9 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constantFrom("crash" as const, "restart" as const, "second" as const) }),
      },
    ),
    { minLength: 1, maxLength: 25 },
  );

const brisk = { leaseTtlMs: 6000, retry: { baseMs: 500, capMs: 4000, blockedMs: 3000 } };
/** For schedules of days. */
const patient = {
  leaseTtlMs: 300_000,
  pollMs: 60_000,
  retry: { baseMs: 60_000, capMs: 1_800_000, blockedMs: 1_800_000 },
};

/** Plays a schedule, checking the accounts after every step, and lets all end well. */
async function play(
  schedule: readonly Step[],
  destination: Bucket,
  hour: boolean,
  {
    digests,
    giveUpAfterMs,
  }: { readonly digests?: { readonly signer: DigestSigner }; readonly giveUpAfterMs?: number } = {},
): Promise<{ store: Store; crashes: number; lost: ReadonlySet<number>[] }> {
  const clock: VirtualClock = virtualClock(start);
  const store = memoryStore({ clock });
  let queue: Behaviour[] = [];
  let outage = false;
  const lost = organizations.map(() => new Set<number>());
  const appendedAt = organizations.map(() => [0]);
  const skipped = organizations.map(() => new Set<number>());
  const early: number[] = [];
  const commit = store.checkpoints.commit.bind(store.checkpoints);
  // A digest that is sealed takes the ranges out of the checkpoint: all of them are seen as they are written.
  Object.assign(store.checkpoints, {
    async commit(change: CheckpointCommit) {
      await commit(change);
      const i = organizations.findIndex((organization) => change.checkpoint.stream === `s-${organization}`);
      for (const [from, to, why] of change.checkpoint.lost?.ranges ?? [])
        for (let sequence = from; sequence <= to; sequence++) {
          const age = clock.now() - (appendedAt[i]?.[sequence] ?? Infinity);
          expect(why === "store_restored").toBe(skipped[i]?.has(sequence));
          if (why !== "store_restored" && lost[i]?.has(sequence) === false && age < (giveUpAfterMs ?? Infinity))
            early.push(sequence);
          lost[i]?.add(sequence);
        }
    },
  } satisfies Pick<Store["checkpoints"], "commit">);
  destination.poison = ({ id }) => Number(id.slice(1)) % 9 === 0;
  destination.behave = () => (outage ? "blocked" : (queue.shift() ?? "store"));
  destination.behaveToDigest = destination.behave as () => Behaviour;
  const appended = organizations.map(() => new Set<number>());
  let crashes = 0;
  const processes: { readonly headgate: Headgate<[typeof destination.definition]>; alive: boolean }[] = [];

  const launch = async (): Promise<void> => {
    const process = { alive: true } as (typeof processes)[number];
    Object.assign(process, {
      headgate: createHeadgate({
        alerts: quiet,
        store: handle(store, () => process.alive),
        sinks: [destination.definition],
        clock,
        ...(digests && { digests }),
        random: () => 0.5,
        retentionMs: 365 * 86_400_000,
        delivery: giveUpAfterMs === undefined ? brisk : { ...patient, giveUpAfterMs },
      }),
    });
    processes.push(process);
    await process.headgate.start();
  };
  await launch();
  const options = { hour, limits: { maxEvents: 7, maxBytes: 3000, concurrency: 2 }, flush: { maxEvents: 40 } };
  for (const organization of organizations) {
    await processes[0]?.headgate.streams.create(organization, { id: `s-${organization}`, sink: "bucket", options });
  }

  const checkAccounts = async (): Promise<void> => {
    const writer = createHeadgate({ store, sinks: [destination.definition], alerts: quiet, clock });
    for (const [i, organization] of organizations.entries()) {
      const status = await writer.streams.status(`s-${organization}`);
      expect(status.accepted).toBe(appended[i]?.size);
      expect(status.delivered + status.quarantined + status.lost + status.pending).toBe(status.accepted);
      expect(status.quarantined).toBe((await store.quarantine.list(`s-${organization}`)).length);
      // What counts as delivered is really there.
      expect(new Set(destination.events(`s-${organization}`).map(({ id }) => id)).size).toBeGreaterThanOrEqual(
        status.delivered,
      );
    }
  };

  for (const step of schedule) {
    switch (step.kind) {
      case "append": {
        const organization = organizations[step.organization] as string;
        const events = step.ids.map((n, i) => ({
          id: `e${n}`,
          action: "a.b",
          actor: { type: "user", id: "u" },
          occurred_at: new Date(clock.now() - (step.hoursAgo[i % step.hoursAgo.length] as number) * 3_600_000),
        }));
        const writer = createHeadgate({ store, sinks: [destination.definition], alerts: quiet, clock });
        await writer.append(organization, events);
        const { lastSequence } = await store.journal.head(organization);
        const known = appendedAt[step.organization] ?? [];
        while (known.length <= lastSequence) known.push(clock.now());
        for (const n of step.ids) appended[step.organization]?.add(n);
        break;
      }
      case "skip": {
        const organization = organizations[step.organization] as string;
        const { lastSequence } = await store.journal.head(organization);
        // What has no journal leaves nothing out.
        for (let n = 1; n <= step.count && lastSequence > 0; n++) {
          skipped[step.organization]?.add(lastSequence + n);
          appendedAt[step.organization]?.push(clock.now());
        }
        await store.journal.skip(organization, lastSequence + step.count);
        break;
      }
      case "advance":
        await clock.advance(step.ms);
        break;
      case "behave":
        queue = [...step.behaviours];
        break;
      case "outage":
        outage = step.blocked;
        break;
      case "crash":
        for (const process of processes) process.alive = false;
        processes.length = 0;
        crashes += 1;
        await launch();
        break;
      case "restart": {
        const process = processes.shift();
        const stopped = process?.headgate.stop({ deadlineMs: 1000 });
        await clock.advance(1500);
        await stopped;
        if (processes.length === 0) await launch();
        break;
      }
      case "second":
        if (processes.length < 2) await launch();
        break;
    }
    await checkAccounts();
  }
  queue = [];
  outage = false;
  await clock.advance(60_000);
  await clock.advance(giveUpAfterMs === undefined ? 600_000 : 7_200_000);
  await checkAccounts();
  if (digests !== undefined) await clock.advance(4_300_000);
  expect(early).toEqual([]);
  for (const [i, organization] of organizations.entries()) {
    const held = await store.quarantine.list(`s-${organization}`);
    const ids = destination.events(`s-${organization}`).map(({ id }) => id);
    const all = new Set([...ids, ...held.map(({ eventId }) => eventId)]);
    const { lastSequence } = await store.journal.head(organization);
    expect(lastSequence).toBe((appended[i]?.size ?? 0) + (skipped[i]?.size ?? 0));
    if (giveUpAfterMs === undefined)
      expect([...all].sort()).toEqual([...(appended[i] ?? [])].map((n) => `e${n}`).sort());
    const present = new Set([...destination.events(`s-${organization}`), ...held].map(({ sequence }) => sequence));
    for (let sequence = 1; sequence <= lastSequence; sequence++)
      expect(present.has(sequence) || lost[i]?.has(sequence) === true).toBe(true);
  }
  for (const process of processes) {
    const stopped = process.headgate.stop({ deadlineMs: 100 });
    await clock.advance(200);
    await stopped;
  }
  return { store, crashes, lost };
}

function ed25519Key(): string {
  return String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
}

/** Reads a stream's digests as a customer's auditor would, and fails at the first thing that is not as it should be. */
function readChain(
  destination: Bucket,
  stream: string,
  signer: DigestSigner,
): { readonly through: number; readonly keys: readonly string[]; readonly lost: ReadonlySet<number> } {
  const files = [...destination.digests]
    .filter(([key]) => key.startsWith(`_digests/${stream}/`))
    .map(([key, bytes]) => ({ key, ...parseDigestFile(bytes) }))
    .toSorted((a, b) => a.digest.number - b.digest.number);
  const covered = new Set<number>();
  const keys: string[] = [];
  const lost = new Set<number>();
  let before: { readonly hash: string; readonly to: string; readonly through: number } | undefined;
  for (const [i, { key, digest, line, signature }] of files.entries()) {
    expect(verifyDigest(line, signature, signer.published)).toBe("valid");
    expect([digest.number, digest.key, digest.previous]).toEqual([i + 1, key, before?.hash ?? null]);
    expect(digest.sequences.after).toBe(before?.through ?? 0);
    expect(digest.from).toBe(before?.to ?? new Date(start).toISOString());
    for (const object of digest.objects ?? []) {
      const bytes = destination.objects.get(object.key) ?? Buffer.from("");
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(object.sha256);
      const lines = Buffer.from(bytes).toString().split("\n").filter(Boolean);
      const sequences = lines.map((text) => (JSON.parse(text) as { readonly sequence: number }).sequence);
      expect([sequences.length, sequences[0], sequences.at(-1)]).toEqual([object.count, object.first, object.last]);
      for (const sequence of sequences) {
        expect(covered.has(sequence)).toBe(false);
        covered.add(sequence);
      }
      keys.push(object.key);
    }
    const each = (ranges: Digest["lost"]): number[] =>
      ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n));
    const apart = new Set(each(digest.quarantined));
    const gone = new Set(each(digest.lost));
    for (let sequence = digest.sequences.after + 1; sequence <= digest.sequences.through; sequence++)
      expect([covered, apart, gone].filter((some) => some.has(sequence))).toHaveLength(1);
    expect([digest.counts.quarantined, digest.counts.lost]).toEqual([apart.size, gone.size]);
    for (const sequence of gone) lost.add(sequence);
    before = { hash: digestHash(line), to: digest.to, through: digest.sequences.through };
  }
  return { through: before?.through ?? 0, keys, lost };
}

describe("delivery", () => {
  it("stores every event exactly once in a content-addressed destination, whatever happens", async () => {
    const behaviours = ["store", "store-lose-reply", "busy", "blocked", "throw", "hang"] as const;
    await fc.assert(
      fc.asyncProperty(steps(behaviours), fc.boolean(), async (schedule, hour) => {
        const destination = bucket("objects");
        const { store } = await play(schedule, destination, hour);
        for (const organization of organizations) {
          const ids = destination.events(`s-${organization}`).map(({ id }) => id);
          expect(ids.length).toBe(new Set(ids).size);
          const held = await store.quarantine.list(`s-${organization}`);
          for (const { eventId } of held) expect(ids).not.toContain(eventId);
        }
      }),
      { numRuns: Number(process.env["HEADGATE_RUNS"] ?? 60) },
    );
  });

  it("leaves one chain of digests that accounts for every event and object, whatever happens", async () => {
    const behaviours = ["store", "store-lose-reply", "busy", "blocked", "throw", "hang"] as const;
    const signer = digestSigner({ key: ed25519Key() });
    await fc.assert(
      fc.asyncProperty(steps(behaviours, { hours: true }), fc.boolean(), async (schedule, hour) => {
        const destination = bucket("objects");
        const { store } = await play(schedule, destination, hour, { digests: { signer } });
        for (const organization of organizations) {
          const stream = `s-${organization}`;
          const chain = readChain(destination, stream, signer);
          const { lastSequence } = await store.journal.head(organization);
          expect(chain.through).toBe(lastSequence);
          // Every object that is there is named, once.
          expect(chain.keys.toSorted()).toEqual(
            [...destination.objects.keys()].filter((key) => key.startsWith(`${stream}/`)).toSorted(),
          );
          expect(await store.documents.list("digests", { prefix: `${stream}/` })).toEqual([]);
        }
      }),
      { numRuns: Number(process.env["HEADGATE_RUNS"] ?? 25) },
    );
  });

  it("loses nothing before the operator's limit, and signs whatever it loses, whatever happens", async () => {
    const behaviours = ["store", "busy", "blocked", "throw"] as const;
    const signer = digestSigner({ key: ed25519Key() });
    const limit = fc.integer({ min: 24, max: 72 }).map((hours) => hours * 3_600_000);
    let losses = 0;
    await fc.assert(
      fc.asyncProperty(
        steps(behaviours, { outages: true }),
        limit,
        fc.boolean(),
        async (schedule, giveUpAfterMs, hour) => {
          const destination = bucket("objects");
          const outage = { kind: "outage", blocked: true } as const;
          const { store, lost } = await play([outage, ...schedule], destination, hour, {
            digests: { signer },
            giveUpAfterMs,
          });
          for (const [i, organization] of organizations.entries()) {
            const stream = `s-${organization}`;
            const chain = readChain(destination, stream, signer);
            expect(chain.through).toBe((await store.journal.head(organization)).lastSequence);
            expect(chain.lost).toEqual(lost[i]);
            // No reply was lost here: what is lost did not arrive.
            for (const { sequence } of destination.events(stream)) expect(chain.lost.has(sequence)).toBe(false);
            losses += chain.lost.size;
          }
        },
      ),
      { numRuns: Number(process.env["HEADGATE_RUNS"] ?? 25) },
    );
    expect(losses).toBeGreaterThan(0);
  });

  it("repeats nothing in a destination that takes part of a request, unless a reply is lost", async () => {
    const behaviours = ["store", "busy", "blocked", "accept-half", "throw"] as const;
    await fc.assert(
      fc.asyncProperty(steps(behaviours), async (schedule) => {
        const destination = bucket("log");
        const { crashes } = await play(schedule, destination, false);
        for (const organization of organizations) {
          const ids = destination.events(`s-${organization}`).map(({ id }) => id);
          // A crash repeats at most the requests in flight: two at a time of seven events each here.
          expect(ids.length - new Set(ids).size).toBeLessThanOrEqual(crashes * 14);
        }
      }),
      { numRuns: Number(process.env["HEADGATE_RUNS"] ?? 60) },
    );
  });
});
