import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pollBench, services } from "./testing/poll-bench.ts";

const folder = process.env["HEADGATE_DATA"];
const missing = folder === undefined || !existsSync(folder);
if (missing && process.env["HEADGATE_REQUIRE_SERVICES"] === "1")
  throw new Error("HEADGATE_DATA must name the folder of the real records.");

type Json = Readonly<Record<string, unknown>>;
const first = (...values: readonly unknown[]): string | undefined => {
  const found = values.find((value) => (typeof value === "string" && value !== "") || typeof value === "number");
  return typeof found === "string" || typeof found === "number" ? String(found) : undefined;
};

/** What a record should become, told by plain code: no event where it says not what was done, or by whom. */
interface Expected {
  readonly id: string | undefined;
  readonly action: string | undefined;
  readonly actor: string | undefined;
  readonly time: string | undefined;
}

const expectations: Readonly<Record<string, (record: Json) => Expected>> = {
  github: (record) => ({
    id: first(record["_document_id"]),
    action: first(record["action"]),
    actor: first(record["actor"], record["actor_id"], "unknown"),
    time: first(record["@timestamp"], record["created_at"]),
  }),
  okta: (record) => {
    const actor = (record["actor"] ?? {}) as Json;
    return {
      id: first(record["uuid"]),
      action: first(record["eventType"]),
      actor: first(actor["id"], actor["alternateId"], "unknown"),
      time: first(record["published"]),
    };
  },
};

/** Unix ms, NaN where it is no time. */
function instantOf(time: string): number {
  if (/^\d+$/.test(time)) return Number(time);
  return /\d\d:\d\d:\d\d(\.\d+)?Z?$/.test(time) ? Date.parse(time.endsWith("Z") ? time : `${time}Z`) : Number.NaN;
}

describe.skipIf(missing).each(services)(
  "real records of $name (skipped unless HEADGATE_DATA names their folder)",
  (service) => {
    it("come through the default mapping, or are set apart with what is missing", async () => {
      await using bench = await pollBench(service);
      const texts = readFileSync(join(folder as string, `${service.name}.ndjson`), "utf8")
        .split("\n")
        .slice(0, -1);
      for (const [index, text] of texts.entries()) {
        const at = bench.clock.now() - 60_000 + index;
        bench.server.log({ id: String(index).padStart(4, "0"), at, visibleAt: at, text });
      }
      const summary = await bench.source().run({ once: true });

      const known = new Set<string>();
      const unfit: string[] = [];
      const fit = texts.flatMap((text) => {
        const expected = (expectations[service.name] as (record: Json) => Expected)(JSON.parse(text) as Json);
        const { id, action, actor, time } = expected;
        const event =
          action !== undefined && actor !== undefined && !(time !== undefined && Number.isNaN(instantOf(time)));
        if (!event) unfit.push(text);
        // A document id stands for one event; what has none is known by its text.
        if (!event || known.has(id ?? text)) return [];
        known.add(id ?? text);
        return [{ ...expected, text }];
      });
      const events = await bench.events();
      expect(events.map(({ action, actor }) => [action, actor.id])).toEqual(
        fit.map(({ action, actor }) => [action, actor]),
      );
      for (const [index, { id, time, text }] of fit.entries()) {
        const event = events[index];
        if (id !== undefined) expect(event?.id).toBe(id);
        if (time !== undefined) expect(event?.occurred_at).toBe(new Date(instantOf(time)).toISOString());
        expect(event?.metadata).toEqual(JSON.parse(text));
      }
      const rejected = await bench.store.quarantine.rejected();
      expect(new Set(rejected.map(({ content }) => Buffer.from(content).toString()))).toEqual(new Set(unfit));
      for (const { reason } of rejected) expect(reason.code).toBe("record_unmappable");
      expect(summary).toMatchObject({ read: texts.length, accepted: fit.length, rejected: unfit.length });
      console.log(`${service.name}: ${texts.length} records, ${fit.length} events, ${unfit.length} set apart`);
    });
  },
);
