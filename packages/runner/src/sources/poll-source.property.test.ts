import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PollBench, pollBench, services } from "./testing/poll-bench.ts";

const overlapMs = 60_000;
/** A second is lost to each of the service's clock and its search, which know whole seconds alone. */
const mostLate = overlapMs - 2000;

/** What happens to a log and to whoever reads it. */
type Step =
  /** Records are made, and show up so many ms later, within the overlap. */
  | { readonly do: "log"; readonly late: readonly number[] }
  | { readonly do: "pass"; readonly ms: number }
  /** Reads to the end; the process that reads goes on to live. */
  | { readonly do: "read" }
  /** Reads until the n-th append or saved cursor, and dies before it or after it; the next one reads with a new process. */
  | { readonly do: "die"; readonly at: number; readonly after: boolean };

const late = fc.oneof(fc.constantFrom(0, mostLate), fc.integer({ min: 0, max: mostLate }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("log" as const), late: fc.array(late, { maxLength: 12 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 2 * overlapMs }) }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "read" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("die" as const), at: fc.integer({ min: 1, max: 8 }), after: fc.boolean() }),
  },
);

class Death extends Error {}

/** A source that dies at its n-th write, before or after the store has it. */
function mortal(bench: PollBench, at: number, after: boolean): ReturnType<PollBench["source"]> {
  let writes = 0;
  async function write<T>(effect: () => Promise<T>): Promise<T> {
    writes++;
    if (writes > at || (writes === at && !after)) throw new Death();
    const result = await effect();
    if (writes === at) throw new Death();
    return result;
  }
  const { cursors, quarantine } = bench.store;
  return bench.source(
    { overlapMs },
    {
      append: (organization, events) => write(() => bench.append(organization, events)),
      store: {
        quarantine,
        cursors: { get: (key) => cursors.get(key), set: (key, value) => write(() => cursors.set(key, value)) },
      },
    },
  );
}

describe.each(services)("polling $name", (service) => {
  it("puts each record into the journal once, whatever comes late, repeats itself or dies", async () => {
    const settings = fc.record({
      pageSize: fc.integer({ min: 2, max: 9 }),
      repeats: fc.integer({ min: 0, max: 2 }),
      requestMs: fc.integer({ min: 0, max: 20_000 }),
    });
    await fc.assert(
      fc.asyncProperty(settings, fc.array(step, { minLength: 3, maxLength: 25 }), async (options, steps) => {
        await using bench = await pollBench(service, options);
        // Records show up between the pages of one reading too.
        bench.server.onRequest = () => bench.clock.pass(options.requestMs);
        let source = bench.source({ overlapMs });
        let made = 0;
        const end: Step[] = [{ do: "pass", ms: overlapMs }, { do: "read" }];
        for (const now of [...steps, ...end]) {
          if (now.do === "pass") bench.clock.pass(now.ms);
          else if (now.do === "read") await source.run({ once: true });
          else if (now.do === "log") {
            for (const lateMs of now.late) {
              const at = bench.clock.now();
              bench.server.log(service.record(`r${++made}`, at, at + lateMs));
              bench.clock.pass(37);
            }
          } else {
            await mortal(bench, now.at, now.after)
              .run({ once: true })
              .catch((error: unknown) => {
                if (!(error instanceof Death)) throw error;
              });
            source = bench.source({ overlapMs });
          }
        }
        const ids = (await bench.events()).map(({ id }) => Number(id.slice(1)));
        expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: made }, (_, index) => index + 1));
        expect(bench.server.faults).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
