import fc from "fast-check";
import { describe, expect, it } from "vitest";
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

const steps = (behaviours: readonly Behaviour[]): fc.Arbitrary<Step[]> =>
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
): Promise<{ store: Store; crashes: number; quarantined: number }> {
  const clock: VirtualClock = virtualClock(start);
  const store = memoryStore({ clock });
  let queue: Behaviour[] = [];
  destination.poison = ({ id }) => Number(id.slice(1)) % 9 === 0;
  destination.behave = () => queue.shift() ?? "store";
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
