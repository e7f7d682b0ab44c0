import { describe, expect, it } from "vitest";
import { createWorld, event, problemOf } from "../testing/world.ts";
import { byteBudget } from "./byte-budget.ts";

const path = "/v1/organizations/o/events";
const headers = { "content-type": "application/x-ndjson" };
const mebibyte = 1024 * 1024;

/** A body that comes when it is told to. */
function slowBody(): {
  readonly body: ReadableStream<Uint8Array>;
  readonly send: (text: string) => void;
  readonly end: () => void;
} {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  return {
    body: readable,
    send: (text) => void writer.write(Buffer.from(text)).catch(() => {}),
    end: () => void writer.close().catch(() => {}),
  };
}

describe("more events than fit", () => {
  it("are refused with a time to wait, before they are read, and taken once there is room", async () => {
    await using world = createWorld({ limits: { ingestBytes: 4 * mebibyte, ingestBodyBytes: 2 * mebibyte } });
    const token = await world.token("ingest", "o");
    const post = (body: unknown, more: object = {}): Promise<Response> =>
      world.ask("POST", path, { token, body, headers: { ...headers, ...more } });

    // What announces much and sends nothing is held no place for.
    const silent = slowBody();
    const announced = post(silent.body, { "content-length": String(2 * mebibyte - 1) });
    expect((await post(`${JSON.stringify(event("w"))}\n`)).status).toBe(202);
    // A line of which most has come fills the organization's share.
    const slow = slowBody();
    const waiting = post(slow.body);
    slow.send("x".repeat(1.49 * mebibyte));
    let pulled = 0;
    const third = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => (pulled++, controller.enqueue(Buffer.from(`${JSON.stringify(event(`t-${pulled}`))}\n`))),
      },
      { highWaterMark: 0 },
    );
    await expect.poll(async () => (await post(`${JSON.stringify(event("x"))}\n`)).status).toBe(429);
    const refused = await post(third);
    expect([refused.status, refused.headers.get("retry-after"), pulled <= 2]).toEqual([429, "1", true]);
    expect(await problemOf(refused)).toBe("429 too_many_requests");

    // What one organization does is not at the cost of others.
    const other = await world.token("ingest", "p");
    const body = `${JSON.stringify(event("x"))}\n`;
    const answer = await world.ask("POST", path.replace("/o/", "/p/"), { token: other, body, headers });
    expect(answer.status).toBe(202);

    slow.end();
    expect((await waiting).status).toBe(400);
    silent.send(`${JSON.stringify(event("s"))}\n`);
    silent.end();
    expect((await announced).status).toBe(202);
    expect((await post(`${JSON.stringify(event("x"))}\n`)).status).toBe(202);
  });

  it("that grow while they are read are sent away as soon as there is no room", async () => {
    await using world = createWorld({ limits: { ingestBytes: mebibyte, ingestBodyBytes: mebibyte } });
    const token = await world.token("ingest", "o");
    const bodies = Array.from({ length: 4 }, slowBody);
    const line = `${JSON.stringify(event("same", { metadata: { text: "x".repeat(100_000) } }))}\n`;
    const answers = bodies.map(({ body }) => world.ask("POST", path, { token, body, headers }));
    for (let i = 0; i < 5; i++) for (const { send } of bodies) send(line);
    const early = await Promise.race(answers);
    expect(early.status).toBe(429);
    for (const { end } of bodies) end();
    for (const { status } of await Promise.all(answers)) expect([202, 429]).toContain(status);
    expect((await world.ask("POST", path, { token, body: line.repeat(5), headers })).status).toBe(202);
  });
});

describe("a budget of bytes", () => {
  it("is never exceeded, neither by all nor by one organization beyond its share, and is given back", () => {
    const budget = byteBudget(mebibyte);
    {
      using one = budget.begin("o");
      using two = budget.begin("o");
      using other = budget.begin("p");
      one.atLeast(500_000);
      expect(() => two.atLeast(500_000)).toThrow("under way");
      two.atLeast(200_000);
      other.atLeast(100_000);
      expect(() => other.atLeast(700_000)).toThrow("under way");
      expect(budget.held).toBeLessThanOrEqual(mebibyte);
      expect(() => two.atLeast(mebibyte)).toThrow("larger");
    }
    expect(budget.held).toBe(0);
  });
});
