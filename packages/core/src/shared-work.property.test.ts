import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHeadgate, type Headgate } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import { shardOf } from "./shards.ts";
import type { Sink, SinkDefinition } from "./sink.ts";
import { type Bucket, bucket } from "./testing/bucket-sink.ts";
import { runnerProcess, type RunnerProcess } from "./testing/runner-process.ts";
import { virtualClock } from "./testing/virtual-clock.ts";

const start = Date.parse("2026-03-01T10:10:00Z");
const leaseTtlMs = 6000;
const streams = 12;
const ids = Array.from({ length: streams }, (_, i) => `s${i}`);

type Step =
  | { readonly kind: "append"; readonly streams: readonly number[]; readonly count: number }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "join" }
  | { readonly kind: "kill" | "stop" | "wake" | "leave"; readonly runner: number };

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("append" as const),
        streams: fc.array(fc.nat(streams - 1), { minLength: 1, maxLength: 6 }),
        count: fc.integer({ min: 1, max: 40 }),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant("advance" as const), ms: fc.integer({ min: 1, max: 15_000 }) }),
    },
    { weight: 2, arbitrary: fc.constant({ kind: "join" as const }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom("kill" as const, "stop" as const, "wake" as const, "wake" as const, "leave" as const),
        runner: fc.nat(9),
      }),
    },
  ),
  { minLength: 5, maxLength: 40 },
);

/** One leaves while others come: each of those saw another load, and each left a shard to another. It once was nobody's for good. */
const leftToEachOther: readonly Step[] = [
  ...Array.from({ length: 4 }, () => ({ kind: "join" }) as const),
  { kind: "append", streams: [8, 0], count: 1 },
  { kind: "append", streams: [6], count: 1 },
  { kind: "leave", runner: 0 },
  { kind: "append", streams: [9, 0, 9, 8], count: 15 },
  { kind: "join" },
];

interface Runner {
  readonly process: RunnerProcess;
  readonly headgate: Headgate;
  readonly number: number;
}

/** Runners on one store and one clock, to one destination. */
function site(kind: "objects" | "log") {
  const clock = virtualClock(start);
  const store = memoryStore({ clock });
  const place: Bucket = bucket(kind);
  const runners: Runner[] = [];
  /** Who made which request, in order. */
  const requests: { readonly runner: number; readonly stream: string; readonly first: number; readonly at: number }[] =
    [];
  let made = 0;

  function definitionFor(process: RunnerProcess, number: number): SinkDefinition {
    return {
      ...place.definition,
      create(options, context): Sink {
        const sink = place.definition.create(options, context);
        return {
          ...sink,
          deliver: (chunk, how) =>
            process.through(async () => {
              requests.push({ runner: number, stream: chunk.stream, first: chunk.sequences[0] ?? 0, at: clock.now() });
              // A request takes its time, and the process may be gone by its reply.
              await new Promise<void>((resolve) => void clock.after(20, resolve));
              return sink.deliver(chunk, how);
            }),
        };
      },
    };
  }

  async function join(): Promise<Runner> {
    const process = runnerProcess(store, clock);
    const number = made;
    made += 1;
    const headgate = createHeadgate({
      store: process.store,
      sinks: [definitionFor(process, number)],
      clock: process.clock,
      random: () => 0.5,
      delivery: { leaseTtlMs, retry: { baseMs: 500, capMs: 4000, blockedMs: 3000 } },
      alerts: { auditLog: false },
    });
    const runner = { process, headgate, number };
    runners.push(runner);
    await headgate.start();
    return runner;
  }

  return { clock, store, place, runners, requests, join };
}

type Site = ReturnType<typeof site>;

/** Appends to the journals of some streams, as a process that delivers nothing would. */
async function append({ store, clock }: Site, wanted: readonly number[], count: number): Promise<void> {
  const writer = createHeadgate({ store, sinks: [], clock });
  for (const n of wanted)
    await writer.append(
      `org_${n}`,
      Array.from({ length: count }, () => ({ action: "a.b", actor: { type: "user", id: "u" } })),
    );
}

async function connect({ runners }: Site): Promise<void> {
  for (const [n, id] of ids.entries())
    await runners[0]?.headgate.streams.create(`org_${n}`, {
      id,
      sink: "bucket",
      options: { limits: { maxEvents: 7 }, flush: { maxAgeMs: 1000, maxEvents: 21 } },
    });
}

async function end({ runners, clock }: Site): Promise<void> {
  for (const { headgate, process } of runners) {
    process.wake();
    const stopped = headgate.stop({ deadlineMs: 100 });
    await clock.advance(200);
    await stopped;
  }
}

/** Carries a schedule out. Resolves to how often a process was killed, or slept longer than its leases. */
async function carryOut(at: Site, schedule: readonly Step[]): Promise<number> {
  const { clock, runners } = at;
  let disturbances = 0;
  await at.join();
  await connect(at);
  await clock.advance(100);
  for (const step of schedule) {
    const runner = "runner" in step ? runners[step.runner % Math.max(1, runners.length)] : undefined;
    switch (step.kind) {
      case "append":
        await append(at, step.streams, step.count);
        break;
      case "advance":
        await clock.advance(step.ms);
        break;
      case "join":
        if (runners.length < 5) await at.join();
        break;
      case "kill":
        runner?.process.kill();
        if (runner !== undefined) runners.splice(runners.indexOf(runner), 1);
        disturbances += 1;
        break;
      case "stop":
        runner?.process.stop();
        disturbances += 1;
        break;
      case "wake":
        runner?.process.wake();
        break;
      case "leave": {
        if (runner === undefined) break;
        runner.process.wake();
        const stopped = runner.headgate.stop({ deadlineMs: 1000 });
        await clock.advance(1100);
        await stopped;
        runners.splice(runners.indexOf(runner), 1);
        break;
      }
    }
  }
  for (const { process } of runners) process.wake();
  if (runners.length === 0) await at.join();
  // The leases of the dead run out, and what was left is delivered.
  await clock.advance(leaseTtlMs * 2);
  await clock.advance(60_000);
  return disturbances;
}

async function expectAccounts({ store, clock }: Site): Promise<void> {
  const reader = createHeadgate({ store, sinks: [], clock });
  for (const id of ids) {
    const status = await reader.streams.status(id);
    expect(status.delivered + status.pending).toBe(status.accepted);
    expect(status.pending).toBe(0);
  }
}

describe("runners on one store", () => {
  it("have each event in one object, whoever dies, sleeps, comes or goes", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (schedule) => {
        const at = site("objects");
        await carryOut(at, schedule);
        await expectAccounts(at);
        for (const [n, id] of ids.entries()) {
          const { lastSequence } = await at.store.journal.head(`org_${n}`);
          const sequences = at.place.events(id).map(({ sequence }) => sequence ?? 0);
          expect(sequences.toSorted((a, b) => a - b)).toEqual(Array.from({ length: lastSequence }, (_, i) => i + 1));
        }
        await end(at);
      }),
      { numRuns: 60, examples: [[leftToEachOther]] },
    );
  });

  it("send to a log intake at least once, and again no more than what was under way when one died or slept", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (schedule) => {
        const at = site("log");
        const disturbances = await carryOut(at, schedule);
        await expectAccounts(at);
        for (const [n, id] of ids.entries()) {
          const { lastSequence } = await at.store.journal.head(`org_${n}`);
          expect(new Set(at.place.events(id).map(({ sequence }) => sequence)).size).toBe(lastSequence);
          const made = at.requests.filter(({ stream }) => stream === id).map(({ first }) => first);
          expect(made.length - new Set(made).size).toBeLessThanOrEqual(disturbances);
        }
        await end(at);
      }),
      { numRuns: 60, examples: [[leftToEachOther]] },
    );
  });

  it("share the streams evenly, each run by one of them", async () => {
    const at = site("objects");
    await at.join();
    await connect(at);
    await at.join();
    await at.join();
    // The first one watches the others come, and gives up what is theirs.
    await at.clock.advance(leaseTtlMs * 6);
    at.requests.length = 0;
    for (let round = 0; round < 3; round++) {
      await append(at, [...ids.keys()], 3);
      await at.clock.advance(10_000);
    }
    const runnersOf = new Map(ids.map((id) => [id, new Set<number>()]));
    for (const { stream, runner } of at.requests) runnersOf.get(stream)?.add(runner);
    expect([...runnersOf.values()].map(({ size }) => size)).toEqual(ids.map(() => 1));
    const shares = [0, 1, 2].map((n) => [...runnersOf.values()].filter((some) => some.has(n)).length);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(2);
    const [own, ...others] = at.runners.map(({ headgate }) => headgate.share());
    expect(own?.runners).toBe(3);
    expect([own, ...others].flatMap((share) => share?.shards ?? []).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 64 }, (_, shard) => shard),
    );
    const owners = (await at.store.leases.list("shard ")).map(({ holder }) => holder);
    const held = [...new Set(owners)].map((one) => owners.filter((holder) => holder === one).length);
    expect(owners).toHaveLength(64);
    expect(held).toHaveLength(3);
    await end(at);
  });

  it("take over what a dead one had within its leases' time and a third of it", async () => {
    const at = site("objects");
    await at.join();
    await connect(at);
    const other = await at.join();
    await at.clock.advance(leaseTtlMs * 6);
    other.process.kill();
    at.requests.length = 0;
    await append(at, [...ids.keys()], 3);
    const since = at.clock.now();
    await at.clock.advance(60_000);
    const late = at.requests.map(({ at: when }) => when - since);
    expect(new Set(at.requests.map(({ stream }) => stream)).size).toBe(streams);
    // 1 s is the age at which a window is due, and half a second that of a poll.
    expect(Math.max(...late)).toBeLessThanOrEqual((leaseTtlMs * 4) / 3 + 1500);
    at.runners.splice(1, 1);
    await end(at);
  });

  it("take over at once what one gives up that ends in order", async () => {
    const at = site("objects");
    await at.join();
    await connect(at);
    const other = await at.join();
    await at.clock.advance(leaseTtlMs * 6);
    const stopped = other.headgate.stop();
    await at.clock.settle();
    await stopped;
    at.runners.splice(1, 1);
    expect(new Set((await at.store.leases.list("")).map(({ holder }) => holder)).size).toBe(1);
    at.requests.length = 0;
    await append(at, [...ids.keys()], 3);
    const since = at.clock.now();
    await at.clock.advance(30_000);
    expect(new Set(at.requests.map(({ stream }) => stream)).size).toBe(streams);
    expect(Math.max(...at.requests.map(({ at: when }) => when - since))).toBeLessThanOrEqual(leaseTtlMs / 3 + 1500);
    await end(at);
  });

  it("stand by while one of an earlier release, which shares nothing, delivers", async () => {
    const at = site("objects");
    const earlier = await at.store.leases.acquire("delivery", "earlier", 30_000);
    await at.join();
    await connect(at);
    await append(at, [...ids.keys()], 3);
    await at.clock.advance(25_000);
    expect(at.requests).toEqual([]);
    expect(earlier).toBeDefined();
    // It ends, or is replaced.
    await at.clock.advance(15_000);
    expect(new Set(at.requests.map(({ stream }) => stream)).size).toBe(streams);
    await end(at);
  });

  it("divide by load: one busy stream weighs as much as many that are quiet", async () => {
    const at = site("objects");
    await at.join();
    await connect(at);
    await at.join();
    const busy = 0;
    for (let second = 0; second < 180; second++) {
      await append(at, [busy], 60);
      await at.clock.advance(1000);
    }
    const owners = new Map(
      (await at.store.leases.list("shard ")).map(({ name, holder }) => [Number(name.slice(6)), holder]),
    );
    const withBusy = ids.filter((id) => owners.get(shardOf(id)) === owners.get(shardOf(ids[busy] ?? "")));
    // By number it would have half of the twelve.
    expect(withBusy.length).toBeLessThanOrEqual(3);
    await end(at);
  });
});
