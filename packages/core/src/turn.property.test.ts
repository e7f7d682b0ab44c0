import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemClock } from "./clock.ts";
import { silentLogger } from "./logger.ts";
import { memoryStore } from "./memory-store.ts";
import { createPreparer } from "./prepare.ts";
import { serviceLevels } from "./service-level.ts";
import type { DeliveryResult, Sink } from "./sink.ts";
import type { Store, StreamRecord } from "./store.ts";
import { firstCheckpoint } from "./stream-status.ts";
import { takeTurn } from "./turn.ts";

const outcomes = ["delivered", "slowed", "rejected", "split", "half", "busy", "commit-fails"] as const;
const record: StreamRecord = {
  id: "s",
  incarnation: "1",
  organization: "org",
  sink: "kit",
  options: {},
  paused: false,
  createdAt: 0,
  start: 0,
  declared: false,
};
const never = new AbortController().signal;

describe("takeTurn", () => {
  it("stores true accounts in every order of replies and commits, and ends with every event once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fc.constantFrom(...outcomes), { maxLength: 30 }), async (s, script) => {
        const queue: (typeof outcomes)[number][] = [...script];
        const store = memoryStore();
        const preparer = createPreparer();
        const event = { action: "a", actor: { type: "u", id: "u" } };
        await store.journal.append(
          "org",
          Array.from({ length: 20 }, () => preparer.prepare("org", event)),
        );
        await store.streams.create(record);
        const lease = await store.leases.acquire("delivery", "me", 60_000);
        if (lease === undefined) throw new Error("no lease");

        const taken: number[] = [];
        const sink: Sink = {
          name: "kit",
          acknowledgement: "accepted",
          partition: "none",
          host: "kit",
          limits: { maxEvents: 3, maxBytes: 1e6, maxEventBytes: 1e6, concurrency: 4 },
          flush: { maxAgeMs: 1, maxBytes: 1e6, maxEvents: 15 },
          encoding: "",
          async deliver(chunk): Promise<DeliveryResult> {
            const outcome = queue.shift() ?? "delivered";
            await s.schedule(Promise.resolve(), `deliver ${chunk.key}`);
            const error = { code: "destination_busy", message: "as scripted" } as const;
            if (outcome === "rejected") return { status: "rejected", indexes: [0], error };
            if (outcome === "split") return { status: "split", error };
            const count = outcome === "half" ? chunk.count >> 1 : outcome === "busy" ? 0 : chunk.count;
            taken.push(...chunk.sequences.slice(0, count));
            if (outcome === "half" || outcome === "busy") return { status: "retry", acceptedCount: count, error };
            return { status: "delivered", receipt: chunk.key, ...(outcome === "slowed" && { afterMs: 5 }) };
          },
          async [Symbol.asyncDispose]() {},
        };
        const checkpoints: Store["checkpoints"] = {
          ...store.checkpoints,
          async commit(change) {
            await s.schedule(Promise.resolve(), `commit ${change.checkpoint.version}`);
            if (queue[0] === "commit-fails") {
              queue.shift();
              throw new Error("as scripted");
            }
            await store.checkpoints.commit(change);
            const { position, window, delivered, quarantined } = change.checkpoint;
            expect(delivered + quarantined).toBe(position + (window?.settledCount ?? 0));
            expect(quarantined).toBe((await store.quarantine.list("s")).length);
            // Nothing counts as delivered that is not.
            expect(delivered).toBeLessThanOrEqual(new Set(taken).size);
            // The tally and the history are stored with what they tell of.
            const { month } = serviceLevels(change.checkpoint.tally, 0, systemClock.now());
            expect([month.delivered, month.quarantined]).toEqual([delivered, quarantined]);
            const history = await store.deliveries.list("s", { limit: 1000 });
            expect(history.reduce((sum, { events }) => sum + events, 0)).toBe(delivered);
          },
        };
        const context = {
          store: { ...store, checkpoints },
          lease: () => lease,
          clock: systemClock,
          logger: silentLogger,
          observer: {},
          signal: never,
          ending: never,
          splits: new Map<number, number[]>(),
          attempt: 1,
          requestTimeoutMs: 60_000,
        };
        for (let turns = 0, idle = false; !idle && turns < 80; turns++) {
          const from = (await store.checkpoints.get("s")) ?? firstCheckpoint(record);
          const turn = takeTurn(
            { id: "s", organization: "org", sink, flush: sink.flush, absences: record },
            from,
            context,
          ).catch(() => undefined);
          idle = (await s.waitFor(turn))?.status === "idle";
        }
        const held = (await store.quarantine.list("s")).map(({ sequence }) => sequence);
        const everywhere = new Set([...taken, ...held]);
        expect([...everywhere].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
        // A commit that failed lets its requests be made again; nothing else does.
        if (!script.includes("commit-fails")) expect(taken.length + held.length).toBe(20);
      }),
    );
  });
});
