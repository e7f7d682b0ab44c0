import { createHash, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestHash, parseDigestFile } from "./digest.ts";
import { digestSigner, type DigestSigner, verifyDigest } from "./digest-keys.ts";
import { createHeadgate, type Headgate } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import type { Store } from "./store.ts";
import { type Behaviour, bucket, type Bucket } from "./testing/bucket-sink.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";

/** Health events would come among the events that these tests count. */
const quiet = { auditLog: false } as const;

const start = Date.parse("2026-03-01T10:50:00Z");
const never = new Promise<never>(() => {});

/** The store as one process sees it: after a crash none of its calls is answered, and none takes effect. */
function handle(store: Store, alive: () => boolean): Store {
  const guard = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, name) {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== "function") return member;
        if (name === "read" || name === "subscribe") return member.bind(target) as unknown;
        return (...args: unknown[]) =>
          alive() ? (member as (...all: unknown[]) => unknown).apply(target, args) : never;
      },
    });
  return {
    name: store.name,
    journal: guard(store.journal),
    checkpoints: guard(store.checkpoints),
    streams: guard(store.streams),
    quarantine: guard(store.quarantine),
    leases: guard(store.leases),
    cursors: guard(store.cursors),
    deliveries: guard(store.deliveries),
    documents: guard(store.documents),
    objects: guard(store.objects),
    open: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
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
  | { readonly kind: "crash" | "restart" | "second" };

const organizations = ["org_a", "org_b"];

const steps = (behaviours: readonly Behaviour[], hours = false): fc.Arbitrary<Step[]> =>
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
        weight: 1,
        arbitrary: fc.record({ kind: fc.constantFrom("crash" as const, "restart" as const, "second" as const) }),
      },
    ),
    { minLength: 1, maxLength: 25 },
  );

/** Plays a schedule, checking the accounts after every step, and lets all end well. */
async function play(
  schedule: readonly Step[],
  destination: Bucket,
  hour: boolean,
  digests?: { readonly signer: DigestSigner },
): Promise<{ store: Store; crashes: number; quarantined: number }> {
  const clock: VirtualClock = virtualClock(start);
  const store = memoryStore({ clock });
  let queue: Behaviour[] = [];
  destination.poison = ({ id }) => Number(id.slice(1)) % 9 === 0;
  destination.behave = () => queue.shift() ?? "store";
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
        delivery: { leaseTtlMs: 6000, retry: { baseMs: 500, capMs: 4000, blockedMs: 3000 } },
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
      expect(status.delivered + status.quarantined + status.pending).toBe(status.accepted);
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
        for (const n of step.ids) appended[step.organization]?.add(n);
        break;
      }
      case "advance":
        await clock.advance(step.ms);
        break;
      case "behave":
        queue = [...step.behaviours];
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
  await clock.advance(60_000);
  await clock.advance(600_000);
  await checkAccounts();
  if (digests !== undefined) await clock.advance(4_300_000);
  let quarantined = 0;
  for (const [i, organization] of organizations.entries()) {
    const held = await store.quarantine.list(`s-${organization}`);
    quarantined += held.length;
    const ids = destination.events(`s-${organization}`).map(({ id }) => id);
    const all = new Set([...ids, ...held.map(({ eventId }) => eventId)]);
    expect([...all].sort()).toEqual([...(appended[i] ?? [])].map((n) => `e${n}`).sort());
    const { head } = { head: await store.journal.head(organization) };
    expect(head.lastSequence).toBe(appended[i]?.size);
  }
  for (const process of processes) {
    const stopped = process.headgate.stop({ deadlineMs: 100 });
    await clock.advance(200);
    await stopped;
  }
  return { store, crashes, quarantined };
}

function ed25519Key(): string {
  return String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
}

/** Reads a stream's digests as a customer's auditor would, and fails at the first thing that is not as it should be. */
function readChain(
  destination: Bucket,
  stream: string,
  signer: DigestSigner,
): { readonly through: number; readonly keys: readonly string[] } {
  const files = [...destination.digests]
    .filter(([key]) => key.startsWith(`_digests/${stream}/`))
    .map(([key, bytes]) => ({ key, ...parseDigestFile(bytes) }))
    .toSorted((a, b) => a.digest.number - b.digest.number);
  const covered = new Set<number>();
  const keys: string[] = [];
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
    const apart = new Set(
      digest.quarantined.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n)),
    );
    for (let sequence = digest.sequences.after + 1; sequence <= digest.sequences.through; sequence++)
      expect(covered.has(sequence) !== apart.has(sequence)).toBe(true);
    expect(digest.counts.quarantined).toBe(apart.size);
    before = { hash: digestHash(line), to: digest.to, through: digest.sequences.through };
  }
  return { through: before?.through ?? 0, keys };
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
      fc.asyncProperty(steps(behaviours, true), fc.boolean(), async (schedule, hour) => {
        const destination = bucket("objects");
        const { store } = await play(schedule, destination, hour, { signer });
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
  }, 180_000);

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
