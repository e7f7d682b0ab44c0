import fc from "fast-check";
import { expect, test } from "vitest";
import { serverSent } from "./server-sent.ts";

function bodyOf(parts: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}

async function read(parts: readonly Uint8Array[]): Promise<unknown[]> {
  return Array.fromAsync(serverSent(bodyOf(parts)), ({ event, data }) => [event, data]);
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("events, data of several lines and pings are told apart", async () => {
  const text = ': ping\n\nevent: step\ndata: {"a":1}\ndata: more\n\ndata:plain\r\n\r\nid: 7\nevent: lost\n';
  expect(await read([bytes(text)])).toEqual([
    ["ping", ""],
    ["step", '{"a":1}\nmore'],
    ["message", "plain"],
  ]);
});

test("where the bytes are cut makes no difference", async () => {
  const text =
    'event: step\r\ndata: {"name":"Prüfung","icon":"🔑"}\r\n\r\n: ping\n\nevent: done\ndata: {"ok":true}\n\n';
  const whole = bytes(text);
  const expected = await read([whole]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 12 }), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
      const parts = at.slice(1).map((end, i) => whole.subarray(at[i], end));
      expect(await read(parts)).toEqual(expected);
    }),
  );
});

test("whoever stops reading hangs up", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(bytes("data: x\n\n")),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const { data } of serverSent(body)) if (data === "x") break;
  expect(cancelled).toBe(true);
});
