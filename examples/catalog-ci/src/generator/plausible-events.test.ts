import { createPreparer, type NewEvent } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { catalog, plausibleEvents, seededRandom, steppingClock } from "../index.ts";

const from = Date.parse("2025-07-16T08:00:00Z");

/** Some hours of an organization's log. */
function history(
  count: number,
  { seed = "a", start = from, gapMs = 900, officeHours = false } = {},
): readonly NewEvent[] {
  const clock = steppingClock({ from: start, meanGapMs: gapMs, random: seededRandom(`${seed} clock`) });
  const organization = { id: "acme", name: "Acme Example" };
  const events = plausibleEvents({ organization, random: seededRandom(seed), clock, officeHours });
  return Array.from({ length: count }, () => events.next().value as NewEvent);
}

const long = history(40_000);
const time = (event: NewEvent): number => Date.parse(event.occurred_at as string);
const member = (event: NewEvent, name: string): unknown => event.metadata?.[name];
const target = (event: NewEvent): string => event.targets?.[0]?.id ?? "";

describe("plausibleEvents", () => {
  it("makes only events that the catalog accepts", () => {
    const clock = { now: () => time(long.at(-1) as NewEvent), after: () => () => {} };
    const preparer = createPreparer({ catalog, unknownActions: "refuse", clock });
    expect(() => long.forEach((event) => preparer.prepare("acme", event))).not.toThrow();
  });

  it("makes every action of the catalog in the long run", () => {
    const made = new Set(long.map(({ action }) => action));
    expect(Object.keys(catalog.actions).filter((action) => !made.has(action))).toEqual([]);
  });

  it("makes every category of the catalog within a few thousand events", () => {
    const categories = new Map(Object.entries(catalog.actions).map(([action, { category }]) => [action, category]));
    const made = new Set(long.slice(0, 4000).map(({ action }) => categories.get(action)));
    expect(made).toEqual(new Set(categories.values()));
  });

  it("makes the same events of the same seed, and others of another", () => {
    expect(history(500, { seed: "b" })).toEqual(history(500, { seed: "b" }));
    expect(history(500, { seed: "b" })).not.toEqual(history(500, { seed: "c" }));
  });

  it("brings the same members back with the same population", () => {
    const names = (seed: string): Set<string | undefined> => {
      const options = { organization: { id: "o" }, random: seededRandom(seed), population: seededRandom("p") };
      const events = plausibleEvents({ ...options, clock: { now: () => from } });
      const actors = Array.from({ length: 300 }, () => events.next().value.actor);
      return new Set(actors.filter(({ type }) => type === "user").map(({ name }) => name));
    };
    const [first, second] = [names("today"), names("tomorrow")];
    expect(first.intersection(second).size).toBeGreaterThan(first.size / 2);
  });

  it("goes on when its clock stands still", () => {
    const events = plausibleEvents({ organization: { id: "o" }, random: seededRandom(1), clock: { now: () => from } });
    const actions = new Set(Array.from({ length: 5000 }, () => events.next().value.action));
    expect(actions).toContain("pipeline.finished");
  });

  it("goes forward in time", () => {
    for (let i = 1; i < long.length; i++) {
      expect(time(long[i] as NewEvent)).toBeGreaterThanOrEqual(time(long[i - 1] as NewEvent));
    }
  });

  it("lets members sign in before they act", () => {
    const free =
      /^(user\.|pipeline\.started|policy\.violated|workflow\.started|deployment\.(started|rolled_back)|member\.joined)/;
    const inside = new Set<string>();
    const outside: string[] = [];
    for (const event of long) {
      const { action, actor, outcome } = event;
      if (action === "user.signed_in" && outcome === "success") inside.add(actor.id);
      const counts = actor.type === "user" && !free.test(action);
      if (counts && !inside.has(actor.id)) outside.push(`${action} by ${actor.id}`);
      if (action === "user.signed_out") inside.delete(actor.id);
      if (action === "user.session.revoked" || action === "member.removed") inside.delete(target(event));
    }
    expect(outside).toEqual([]);
  });

  it.each([
    ["pipeline", ["pipeline.finished", "pipeline.cancelled"]],
    ["workflow", ["workflow.finished"]],
    ["job", ["job.finished", "job.cancelled"]],
  ])("starts a %s once, ends it once, and tells how long it took", (kind, ends) => {
    const begun = new Map<string, number>();
    let finished = 0;
    const seen = new Set<string>();
    for (const event of long) {
      const id = target(event);
      if (event.action === `${kind}.started`) {
        expect(seen).not.toContain(id);
        seen.add(id);
        begun.set(id, time(event));
      } else if (ends.includes(event.action)) {
        expect(begun.has(id), `${event.action} of ${id}`).toBe(true);
        expect(member(event, "duration_ms")).toBe(time(event) - (begun.get(id) as number));
        begun.delete(id);
        finished++;
      }
    }
    expect(finished).toBeGreaterThan(1000);
    // What is left was under way when the log was cut off.
    expect(begun.size).toBeLessThan(250);
  });

  it("ends the workflows of a pipeline before the pipeline", () => {
    const open = new Map<string, Set<string>>();
    const early: string[] = [];
    for (const event of long) {
      const pipeline = String(member(event, "pipeline_id"));
      if (event.action === "workflow.started") open.set(pipeline, (open.get(pipeline) ?? new Set()).add(target(event)));
      if (event.action === "workflow.finished") open.get(pipeline)?.delete(target(event));
      const ends = /^pipeline\.(finished|cancelled)$/.test(event.action);
      if (ends && (open.get(target(event))?.size ?? 0) > 0) early.push(target(event));
    }
    expect(early).toEqual([]);
  });

  it("fails and denies now and then, and succeeds mostly", () => {
    const share = (outcome: string): number => long.filter((event) => event.outcome === outcome).length / long.length;
    expect(share("success")).toBeGreaterThan(0.85);
    expect(share("failure")).toBeGreaterThan(0.01);
    expect(share("denied")).toBeGreaterThan(0.002);
  });

  it("uses no address outside of the ranges reserved for documentation", () => {
    const reserved = /^(192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:db8:)/;
    const addresses = new Set(long.flatMap(({ context }) => context?.ip ?? []));
    expect(addresses.size).toBeGreaterThan(20);
    expect([...addresses].filter((address) => !reserved.test(address))).toEqual([]);
  });

  it("leaves nights and weekends to programs where office hours are kept", () => {
    const people = (start: string): number =>
      history(3000, { start: Date.parse(start), gapMs: 2000, officeHours: true })
        .slice(1000)
        .filter(({ actor }) => actor.type === "user").length;
    expect(people("2025-07-19T10:00:00Z")).toBeLessThan(people("2025-07-16T10:00:00Z") / 2);
  });
});
