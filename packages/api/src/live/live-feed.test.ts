import { memoryStore, type Store } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { createTokens } from "../tokens.ts";
import { countedStore } from "../testing/counted-store.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { memoSink } from "../testing/memo-sink.ts";
import { createStreamWorld, serverSentEvents, type StreamWorld } from "../testing/stream-world.ts";
import { event } from "../testing/world.ts";

const path = "/v1/organizations/o/live";
type Streams = { readonly streams: readonly { readonly id: string; readonly pending: number }[] };

function worldOf(clock = manualClock(Date.now()), store: Store = memoryStore({ clock })) {
  const world = createStreamWorld([memoSink().definition as never], { clock, store });
  return { world, clock };
}

async function stream({ headgate }: StreamWorld, organization: string, box: string): Promise<string> {
  const wanted = { sink: "memo", options: { box } } as never;
  return (await headgate.streams.create(organization, wanted)).id;
}

async function follow(world: StreamWorld, organization = "o") {
  const token = await world.token("viewer", organization);
  const response = await world.ask("GET", path.replace("/o/", `/${organization}/`), { token });
  const events = serverSentEvents(response);
  return {
    async next(): Promise<{ readonly event: string; readonly data: unknown }> {
      const { value } = await events.next();
      return value as never;
    },
    end: () => events.return(),
  };
}

describe("live status", () => {
  it("tells of all at first, then of what has changed, and of what is gone", async () => {
    const { world, clock } = worldOf();
    await using _ = world;
    const [one, two] = [await stream(world, "o", "one"), await stream(world, "o", "two")];
    await stream(world, "p", "foreign");
    const live = await follow(world);
    const first = await live.next();
    expect([first.event, (first.data as Streams).streams.map(({ id }) => id)]).toEqual([
      "streams",
      [one, two].toSorted(),
    ]);
    expect(await live.next()).toEqual({ event: "alerts", data: { alerts: [] } });

    await world.headgate.streams.pause(two);
    const second = live.next();
    await clock.advance(2000);
    expect((await second).data).toMatchObject({ streams: [{ id: two, health: { state: "paused" } }] });

    await world.headgate.streams.delete(one);
    const third = live.next();
    await clock.advance(2000);
    expect(await third).toEqual({ event: "removed", data: { ids: [one] } });
    await live.end();
  });

  it("says at once that there are no streams", async () => {
    const { world } = worldOf();
    await using _ = world;
    const live = await follow(world);
    expect(await live.next()).toEqual({ event: "streams", data: { streams: [] } });
    await live.end();
  });

  it("tells a slow client once, of what is so by then", async () => {
    const { world, clock } = worldOf();
    await using _ = world;
    const id = await stream(world, "o", "one");
    const live = await follow(world);
    await live.next();
    await live.next();
    // One more event is on its way already, for whoever reads it.
    for (let i = 0; i < 5; i++) {
      await world.headgate.append("o", [event(`e-${i}`) as never]);
      await clock.advance(2000);
    }
    const seen = [await live.next(), await live.next()].map(({ data }) => (data as Streams).streams);
    expect(seen.at(-1)).toMatchObject([{ id, pending: 5 }]);
    await live.end();
  });

  it("tells of many streams a part at a time", async () => {
    const { world } = worldOf();
    await using _ = world;
    for (let i = 0; i < 250; i++) await stream(world, "o", `box-${i}`);
    const live = await follow(world);
    const parts = [await live.next(), await live.next()].map(({ data }) => (data as Streams).streams);
    expect(parts.map(({ length }) => length)).toEqual([200, 50]);
    expect(new Set(parts.flat().map(({ id }) => id)).size).toBe(250);
    await live.end();
  });

  it("looks at the store once for all listeners of an organization, and no more once they have gone", async () => {
    const clock = manualClock(Date.now());
    const counted = countedStore(memoryStore({ clock }));
    const { world } = worldOf(clock, counted.store);
    await using _ = world;
    await stream(world, "o", "one");
    const listeners = [await follow(world), await follow(world), await follow(world)];
    for (const live of listeners) await live.next();
    counted.reset();
    await clock.advance(10_000);
    expect(counted.calls()["streams.snapshots"]).toBe(5);
    for (const live of listeners.slice(1)) await live.end();
    await clock.advance(2000);
    expect(counted.calls()["streams.snapshots"]).toBe(6);
    await listeners[0]?.end();
    counted.reset();
    await clock.advance(60_000);
    expect(counted.calls()).toEqual({});
  });

  it("ends with an event where the store cannot be read, and begins anew for the next one", async () => {
    const clock = manualClock(Date.now());
    const counted = countedStore(memoryStore({ clock }));
    const { world } = worldOf(clock, counted.store);
    await using _ = world;
    counted.fail("streams.snapshots");
    const live = await follow(world);
    expect(await live.next()).toMatchObject({ event: "error", data: { code: "internal" } });
    expect(await live.next()).toBe(undefined);
    counted.fail(undefined);
    const again = await follow(world);
    expect((await again.next()).event).toBe("streams");
    await again.end();
  });

  it("ends when the token is revoked or runs out, also where another process has revoked it", async () => {
    const { world, clock } = worldOf();
    await using _ = world;
    const elsewhere = createTokens({ headgate: world.headgate, clock });
    const wanted = { name: "on call", role: "viewer", organization: "o" } as const;
    const revoked = await elsewhere.create(wanted);
    const short = await elsewhere.create({ ...wanted, expiresAt: clock.now() + 20_000 });
    const kept = await elsewhere.create(wanted);
    const bodies = await Promise.all(
      [revoked, short, kept].map(async ({ token }) => {
        const response = await world.ask("GET", path, { token });
        const events = serverSentEvents(response);
        await events.next();
        await events.next();
        return events;
      }),
    );
    const [first, second, third] = bodies.map((events) => events.next());
    await elsewhere.revoke(revoked.id);
    await clock.advance(16_000);
    expect(await first).toEqual({ done: true, value: undefined });
    await clock.advance(16_000);
    expect(await second).toEqual({ done: true, value: undefined });
    const id = await stream(world, "o", "one");
    await clock.advance(2000);
    expect((await third)?.value).toMatchObject({ data: { streams: [{ id }] } });
    await bodies[2]?.return();
  });

  it("goes on while the store cannot tell whether the token is still good", async () => {
    const clock = manualClock(Date.now());
    const counted = countedStore(memoryStore({ clock }));
    const { world } = worldOf(clock, counted.store);
    await using _ = world;
    const live = await follow(world);
    await live.next();
    await live.next();
    const next = live.next();
    counted.fail("documents.get");
    await clock.advance(40_000);
    counted.fail(undefined);
    const id = await stream(world, "o", "one");
    await clock.advance(2000);
    expect((await next).data).toMatchObject({ streams: [{ id }] });
    await live.end();
  });

  it("ends when the host closes the API, and leaves no place taken by those who have gone", async () => {
    const { world } = worldOf();
    await using _ = world;
    const token = await world.token("viewer", "o");
    for (let i = 0; i < 50; i++) {
      const response = await world.ask("GET", path, { token });
      expect([i, response.status]).toEqual([i, 200]);
      await response.body?.cancel();
    }
    const open = await Promise.all(Array.from({ length: 20 }, () => world.ask("GET", path, { token })));
    expect((await world.ask("GET", path, { token })).status).toBe(429);
    await world.api.close();
    const texts = await Promise.all(open.map((response) => response.text()));
    expect(texts.length).toBe(20);
  });
});
