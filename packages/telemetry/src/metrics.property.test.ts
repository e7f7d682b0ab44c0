import { createHeadgate, memoryStore } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMetrics, type Metrics } from "./metrics.ts";
import { manualClock } from "./testing/manual-clock.ts";
import { type Mood, moodySink } from "./testing/moody-sink.ts";
import { readAgain } from "./testing/read-again.ts";
import { samplesOf } from "./testing/samples.ts";

const organizations = ["org_1", "org_2"] as const;
const moods: readonly Mood[] = ["takes", "refuses odd", "fails", "denies"];

type Step =
  | { readonly what: "append"; readonly organization: number; readonly events: number }
  | { readonly what: "deliver"; readonly mood: Mood }
  | { readonly what: "retry" | "discard" | "pause" | "delete" | "create"; readonly stream: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ what: fc.constant("append" as const), organization: fc.nat(1), events: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ what: fc.constant("deliver" as const), mood: fc.constantFrom(...moods) }),
  fc.record({
    what: fc.constantFrom("retry" as const, "discard" as const, "pause" as const, "delete" as const, "create" as const),
    stream: fc.nat(3),
  }),
);

describe("metrics", () => {
  it("say accepted = delivered + quarantined + pending + abandoned, and their counters never fall, whatever happens", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
        const clock = manualClock(Date.now());
        const sink = moodySink();
        const metrics: Metrics = createMetrics({ headgate: () => headgate, clock, processMetrics: false });
        await using headgate = createHeadgate({
          store: memoryStore(),
          sinks: [sink.definition],
          observer: metrics.observer,
          alerts: { auditLog: false },
        });
        const create = async (n: number): Promise<void> => {
          const [id, organization] = [`s${n}`, organizations[n % 2] as string];
          if ((await headgate.streams.get(id)) === undefined)
            await headgate.streams.create(organization, { id, sink: "moody", options: { place: id } });
        };
        const take = async ({ what, ...how }: Step): Promise<void> => {
          if ("events" in how) {
            const event = { action: "a.b", actor: { type: "user", id: "u" } };
            const events = Array.from({ length: how.events }, () => event);
            await headgate.append(organizations[how.organization] as string, events);
          } else if ("mood" in how) {
            sink.mood = how.mood;
            await headgate.drain({ patienceMs: 0 });
            await headgate.stop();
          } else if (what === "create") await create(how.stream);
          else {
            const id = `s${how.stream}`;
            if ((await headgate.streams.get(id)) === undefined) return;
            if (what === "delete") await headgate.streams.delete(id);
            else if (what === "pause") await headgate.streams.pause(id);
            else
              for (const { sequence } of await headgate.quarantine.list(id))
                await headgate.quarantine[what as "retry" | "discard"](id, sequence);
          }
        };

        await create(0);
        await create(1);
        await metrics.body();
        let before = new Map<string, number>();
        for (const next of steps) {
          await take(next);
          await readAgain(clock);
          const samples = samplesOf((await metrics.body()).body);
          const of = (name: string): number => samples.get(`headgate_events_${name}{sink="moody"}`) ?? Number.NaN;
          expect(of("accepted_total")).toBe(
            of("delivered_total") + of("quarantined") + of("pending") + of("abandoned_total"),
          );
          const statuses = await headgate.status();
          expect(of("pending")).toBe(statuses.reduce((sum, { pending }) => sum + pending, 0));
          const counters = new Map([...samples].filter(([name]) => /_total(\{|$)/.test(name)));
          expect([...before].filter(([name, value]) => !((counters.get(name) ?? 0) >= value))).toEqual([]);
          before = counters;
        }
        metrics.close();
      }),
      { numRuns: 25 },
    );
  });
});
