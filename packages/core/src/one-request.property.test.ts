import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemClock } from "./clock.ts";
import { silentLogger } from "./logger.ts";
import { memoryStore } from "./memory-store.ts";
import { createPreparer } from "./prepare.ts";
import type { Chunk, DeliveryResult, Sink } from "./sink.ts";
import type { StreamRecord } from "./store.ts";
import { firstCheckpoint } from "./stream-status.ts";
import { takeTurn } from "./turn.ts";

const count = 24;
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
const error = { code: "event_refused", message: "as scripted" } as const;

/** Takes events up to the first bad one and names it, as HEC does; or refuses all and names none, as Datadog does. */
function reply(
  kind: "names" | "does not name",
  bad: ReadonlySet<number>,
  chunk: Chunk,
  pause: boolean,
): DeliveryResult {
  const at = chunk.sequences.findIndex((sequence) => bad.has(sequence));
  if (at === -1) return { status: "delivered", receipt: chunk.key, ...(pause && { afterMs: 1 }) };
  if (kind === "names") return { status: "rejected", indexes: [at], acceptedCount: at, error };
  return { status: "split", error };
}

describe("a stream with one request at a time", () => {
  it("isolates every bad event, delivers the others once, and stores what a request settled before it makes the next", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("names", "does not name"),
        fc.uniqueArray(fc.integer({ min: 1, max: count }), { maxLength: count }),
        fc.integer({ min: 1, max: count }),
        fc.boolean(),
        async (kind, poisoned, maxEvents, pause) => {
          const bad = new Set(poisoned);
          const store = memoryStore();
          const preparer = createPreparer();
          const event = { action: "a", actor: { type: "u", id: "u" } };
          await store.journal.append(
            "org",
            Array.from({ length: count }, () => preparer.prepare("org", event)),
          );
          await store.streams.create(record);
          const lease = await store.leases.acquire("delivery", "me", 60_000);
          if (lease === undefined) throw new Error("no lease");
          const taken: number[] = [];
          const unsettled: number[] = [];
          const sink: Sink = {
            name: "kit",
            acknowledgement: "accepted",
            partition: "none",
            host: "kit",
            limits: { maxEvents, maxBytes: 1e6, maxEventBytes: 1e6, concurrency: 1 },
            flush: { maxAgeMs: 1, maxBytes: 1e6, maxEvents: 15 },
            encoding: "",
            async deliver(chunk) {
              // Were the process killed now, this request alone would be made again.
              unsettled.push(taken.length - ((await store.checkpoints.get("s"))?.delivered ?? 0));
              const result = reply(kind, bad, chunk, pause);
              const accepted =
                result.status === "delivered" ? chunk.count : ("acceptedCount" in result && result.acceptedCount) || 0;
              taken.push(...chunk.sequences.slice(0, accepted));
              return result;
            },
            async [Symbol.asyncDispose]() {},
          };
          const never = new AbortController().signal;
          const context = {
            store,
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
          for (let idle = false; !idle;) {
            const from = (await store.checkpoints.get("s")) ?? firstCheckpoint(record);
            idle =
              (
                await takeTurn(
                  { id: "s", organization: "org", sink, flush: sink.flush, absences: record },
                  from,
                  context,
                )
              ).status === "idle";
          }
          expect(unsettled.filter((events) => events !== 0)).toEqual([]);
          const held = (await store.quarantine.list("s")).map(({ sequence }) => sequence);
          expect(held.toSorted((a, b) => a - b)).toEqual([...bad].toSorted((a, b) => a - b));
          expect([...taken, ...held].toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
        },
      ),
    );
  });
});
