import { memoryStore } from "@headgate/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countedStore } from "../testing/counted-store.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { memoSink } from "../testing/memo-sink.ts";
import { createStreamWorld } from "../testing/stream-world.ts";

const count = 10_000;
const clock = manualClock(Date.now());
const counted = countedStore(memoryStore({ clock }));
const world = createStreamWorld([memoSink().definition as never], { clock, store: counted.store });
afterAll(() => world[Symbol.asyncDispose]());
const id = (i: number): string => `stream-${String(i).padStart(5, "0")}`;

beforeAll(async () => {
  const { streams } = counted.store;
  for (let i = 0; i < count; i++) {
    await streams.create({
      id: id(i),
      incarnation: "1",
      organization: "o",
      name: `Lake ${i}`,
      sink: "memo",
      options: { box: `box-${i}` },
      paused: i % 2 === 0,
      createdAt: clock.now(),
      start: 0,
      declared: false,
    });
  }
  // The token is known from now on.
  await world.admin("o", "GET", "/setup");
});

async function callsOf(path: string): Promise<readonly [number, Readonly<Record<string, number>>, object]> {
  counted.reset();
  const { status, body } = await world.admin("o", "GET", path);
  return [status, counted.calls(), body];
}

describe("with ten thousand streams", () => {
  it("a page of the list takes one call to the store, whatever its size, place and search", async () => {
    const one = { "streams.snapshots": 1 };
    const [, first, body] = await callsOf("/streams?limit=200");
    const { streams, next_cursor: cursor } = body as {
      readonly streams: readonly object[];
      readonly next_cursor: string;
    };
    expect([first, streams.length]).toEqual([one, 200]);
    expect((await callsOf(`/streams?limit=200&cursor=${cursor}`)).slice(0, 2)).toEqual([200, one]);
    const [, searched, found] = await callsOf("/streams?search=lake%209999");
    expect([searched, (found as { readonly streams: object[] }).streams.length]).toEqual([one, 1]);
  });

  it("a filter that half of them pass takes a few, and one that none passes ends early", async () => {
    const [, half] = await callsOf("/streams?limit=100&state=paused");
    expect(half).toEqual({ "streams.snapshots": 2 });
    const [, none, body] = await callsOf("/streams?limit=100&state=blocked");
    expect(none["streams.snapshots"]).toBeLessThanOrEqual(50);
    expect(body).toMatchObject({ streams: [], next_cursor: expect.any(String) as unknown });
  });

  it("one stream takes one look at whose it is and one at how it stands", async () => {
    expect((await callsOf(`/streams/${id(7)}`)).slice(0, 2)).toEqual([
      200,
      { "streams.get": 1, "streams.snapshot": 1 },
    ]);
  });

  it("the summary takes one call per 500 streams, once in 2 s for all who ask", async () => {
    const [, calls, body] = await callsOf("/status");
    expect(calls["streams.snapshots"]).toBe(count / 500);
    expect(Object.values(calls).reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(count / 500 + 2);
    expect(body).toMatchObject({ streams: { total: count, by_state: { paused: count / 2, unverified: count / 2 } } });
    expect((await callsOf("/status"))[1]).toEqual({});
    await clock.advance(2000);
    expect((await callsOf("/status"))[1]["streams.snapshots"]).toBe(count / 500);
  });
});
