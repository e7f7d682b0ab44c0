import { type Clock, silentLogger } from "@headgate/core";
import { describe, expect, it } from "vitest";
import type { RouteContext } from "./route.ts";
import { eventStream, type ServerSentEvent } from "./sse.ts";

interface Held {
  readonly context: RouteContext;
  readonly abort: () => void;
  readonly timers: (() => void)[];
  readonly released: () => number;
}

function held(): Held {
  const controller = new AbortController();
  const timers: (() => void)[] = [];
  let released = 0;
  const clock: Clock = { now: () => 0, after: (_ms, callback) => (timers.push(callback), () => {}) };
  const context = {
    signal: controller.signal,
    clock,
    logger: silentLogger,
    requestId: "r",
    hold: () => () => void released++,
  } as unknown as RouteContext;
  return { context, abort: () => controller.abort(), timers, released: () => released };
}

const decoder = new TextDecoder();
const readerOf = (response: Response): ReadableStreamDefaultReader<Uint8Array> =>
  (response.body as ReadableStream<Uint8Array>).getReader();

/** Events whose `return` is noticed. */
function watched(
  events: readonly ServerSentEvent[],
  then: Promise<never> | undefined,
): {
  readonly iterable: AsyncIterable<ServerSentEvent>;
  readonly returned: () => boolean;
} {
  let returned = false;
  const list = [...events];
  const iterable: AsyncIterable<ServerSentEvent> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const value = list.shift();
        if (value !== undefined) return { value };
        if (then !== undefined) await then;
        return { value: undefined, done: true };
      },
      async return() {
        returned = true;
        return { value: undefined, done: true };
      },
    }),
  };
  return { iterable, returned: () => returned };
}

const never = new Promise<never>(() => {});

describe("a stream of events", () => {
  it("writes events, and ends with them", async () => {
    const { context, released } = held();
    const { iterable } = watched(
      [
        { event: "a", data: { text: "x\ny" } },
        { event: "b", data: [] },
      ],
      undefined,
    );
    const response = eventStream(context, iterable);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(await response.text()).toBe('event: a\ndata: {"text":"x\\ny"}\n\nevent: b\ndata: []\n\n');
    expect(released()).toBe(1);
  });

  it("sends a comment where nothing happens for a while, and loses no event by it", async () => {
    const { context, timers } = held();
    const coming = Promise.withResolvers<never>();
    const { iterable } = watched([], coming.promise);
    const reader = readerOf(eventStream(context, iterable));
    const first = reader.read();
    await expect.poll(() => timers.length).toBe(1);
    timers[0]?.();
    expect(decoder.decode((await first).value)).toBe(": ping\n\n");
    const second = reader.read();
    coming.resolve(undefined as never);
    expect((await second).done).toBe(true);
  });

  it("ends when its signal is aborted, and when its client goes", async () => {
    const aborted = held();
    const one = watched([], never);
    const text = eventStream(aborted.context, one.iterable).text();
    aborted.abort();
    expect([await text, one.returned(), aborted.released()]).toEqual(["", true, 1]);
    const left = held();
    const other = watched([{ event: "a", data: 1 }], never);
    const reader = readerOf(eventStream(left.context, other.iterable));
    await reader.read();
    await reader.cancel();
    expect([other.returned(), left.released()]).toEqual([true, 1]);
  });

  it("says that it broke, and not why", async () => {
    const { context, released } = held();
    const { iterable } = watched([], Promise.reject(new Error("secret")));
    const text = await eventStream(context, iterable).text();
    expect(text).toBe('event: error\ndata: {"code":"internal","request_id":"r"}\n\n');
    expect(released()).toBe(1);
  });
});
