import { type AuditEvent, createHeadgate, memoryStore, silentLogger } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { changeJournal } from "./change-journal.ts";
import { countedStore } from "./testing/counted-store.ts";
import { manualClock } from "./testing/manual-clock.ts";
import { memoSink } from "./testing/memo-sink.ts";
import { createStreamWorld, type StreamWorld } from "./testing/stream-world.ts";
import { createWorld } from "./testing/world.ts";

const start = Date.UTC(2026, 10, 26);

interface Operation {
  readonly name: string;
  readonly action: string;
  readonly ask: readonly [method: string, path: (stream: string) => string, body?: unknown];
  /** Whether the store shows that the change was made. */
  readonly made: (world: StreamWorld, stream: string) => Promise<boolean>;
}

const operations: readonly Operation[] = [
  {
    name: "creates a stream",
    action: "headgate.stream.created",
    ask: ["POST", () => "/streams", { sink: "memo", options: { box: "two" } }],
    made: async ({ headgate }) => (await headgate.streams.list({ organization: "o" })).length === 2,
  },
  {
    name: "changes one",
    action: "headgate.stream.updated",
    ask: ["PATCH", (stream) => `/streams/${stream}`, { name: "Renamed" }],
    made: async ({ headgate }, stream) => (await headgate.streams.get(stream))?.name === "Renamed",
  },
  {
    name: "pauses one",
    action: "headgate.stream.paused",
    ask: ["POST", (stream) => `/streams/${stream}/pause`],
    made: async ({ headgate }, stream) => (await headgate.streams.get(stream))?.paused === true,
  },
  {
    name: "deletes one",
    action: "headgate.stream.deleted",
    ask: ["DELETE", (stream) => `/streams/${stream}?abandon_pending=true`],
    made: async ({ headgate }, stream) => (await headgate.streams.get(stream)) === undefined,
  },
  {
    name: "makes a token",
    action: "headgate.token.created",
    ask: ["POST", () => "/tokens", { name: "billing", role: "ingest" }],
    made: async ({ api }) => (await api.tokens.list({ organization: "o" })).some(({ name }) => name === "billing"),
  },
];

/** What the organization's log tells of an action, by outcome. */
async function told(
  { headgate }: Pick<StreamWorld, "headgate">,
  action: string,
): Promise<readonly (string | undefined)[]> {
  const outcomes: (string | undefined)[] = [];
  for await (const { body } of headgate.store.journal.read("o", { after: 0 })) {
    for (const line of new TextDecoder().decode(body).split("\n").filter(Boolean)) {
      const event = JSON.parse(line) as AuditEvent;
      if (event.action === action) outcomes.push(event.outcome);
    }
  }
  return outcomes;
}

describe("a change", () => {
  it.each(operations)("that $name is told of once, wherever the process ends in the midst of it", async (operation) => {
    const [method, path, body] = operation.ask;
    const seen = new Set<string>();
    for (let calls = 0; !seen.has("made: success"); calls++) {
      const clock = manualClock(start);
      const store = memoryStore({ clock });
      const counted = countedStore(store);
      const sinks = [memoSink().definition as never];
      await using dying = createStreamWorld(sinks, { clock, store: counted.store });
      const { id } = await dying.headgate.streams.create("o", { sink: "memo", options: { box: "one" } });
      // The token is known by then.
      await dying.admin("o", "GET", "/streams");
      counted.failAfter(calls);
      await dying.admin("o", method, path(id), body === undefined ? {} : { body });
      counted.failAfter(Number.POSITIVE_INFINITY);

      await using next = createStreamWorld(sinks, { clock, store });
      const made = await operation.made(next, id);
      await clock.advance(61_000);
      await next.admin("o", "GET", "/streams");
      await clock.advance(0);
      const outcomes = await told(next, operation.action);
      seen.add(`${made ? "made" : "not made"}: ${outcomes.join()}`);
      await clock.advance(61_000);
      await next.admin("o", "GET", "/streams");
      await clock.advance(0);
      expect(await told(next, operation.action)).toEqual(outcomes);
    }
    const allowed = new Set(["made: success", "made: unknown", "not made: ", "not made: unknown"]);
    expect([...seen].filter((outcome) => !allowed.has(outcome))).toEqual([]);
    // The deaths that matter were among them.
    expect([...seen]).toEqual(expect.arrayContaining(["not made: unknown", "made: unknown", "made: success"]));
  });

  it("that the log cannot be told of at once has been made all the same, and is told of later", async () => {
    const clock = manualClock(start);
    const counted = countedStore(memoryStore({ clock }));
    await using world = createStreamWorld([memoSink().definition as never], { clock, store: counted.store });
    const { id } = await world.headgate.streams.create("o", { sink: "memo", options: { box: "one" } });
    counted.fail("journal.append");
    expect((await world.admin("o", "POST", `/streams/${id}/pause`)).status).toBe(200);
    counted.fail(undefined);
    expect(await told(world, "headgate.stream.paused")).toEqual([]);
    await clock.advance(61_000);
    await world.admin("o", "GET", "/streams");
    await clock.advance(0);
    expect(await told(world, "headgate.stream.paused")).toEqual(["success"]);
  });

  it("after which the store failed is told of later, by the same process", async () => {
    const clock = manualClock(start);
    const counted = countedStore(memoryStore({ clock }));
    await using world = createStreamWorld([memoSink().definition as never], { clock, store: counted.store });
    const { id } = await world.headgate.streams.create("o", { sink: "memo", options: { box: "one" } });
    counted.fail("streams.snapshot");
    expect((await world.admin("o", "PATCH", `/streams/${id}`, { body: { name: "Renamed" } })).status).toBe(503);
    counted.fail(undefined);
    expect((await world.headgate.streams.get(id))?.name).toBe("Renamed");
    await clock.advance(61_000);
    await world.admin("o", "GET", "/streams");
    await clock.advance(0);
    expect(await told(world, "headgate.stream.updated")).toEqual(["unknown"]);
  });

  it("that takes longer than others wait for is told of by what came of it", async () => {
    const clock = manualClock(start);
    const headgate = createHeadgate({ store: memoryStore({ clock }), sinks: [], clock });
    const changes = changeJournal(headgate, { clock, logger: silentLogger });
    const actor = { type: "user", id: "u" };
    const change = { id: "headgate-change-1", organization: "o", at: start, event: { action: "headgate.x", actor } };
    await changes.begin(change);
    await clock.advance(61_000);
    changes.settleNowAndThen();
    await clock.advance(61_000);
    await changes.made(change);
    expect(await told({ headgate }, "headgate.x")).toEqual(["success"]);
    await headgate[Symbol.asyncDispose]();
  });

  it("is not made for an actor that the log would refuse", async () => {
    const role = "admin" as const;
    const actor = { type: "user", id: "x".repeat(3000) };
    await using world = createWorld({ authenticate: () => ({ actor, role, organization: "o" }) });
    const response = await world.ask("POST", "/v1/organizations/o/tokens", {
      body: { name: "billing", role: "ingest" },
      headers: { "headgate-request": "1" },
    });
    expect(response.status).toBe(400);
    expect(await world.api.tokens.list({ organization: "o" })).toEqual([]);
  });
});
