import { afterAll, afterEach, describe, expect, it } from "vitest";
import { memoSink } from "../testing/memo-sink.ts";
import { createStreamWorld, serverSentEvents } from "../testing/stream-world.ts";
import { requestOf } from "../testing/world.ts";

const memo = memoSink();
const world = createStreamWorld([memo.definition as never]);
afterAll(() => world[Symbol.asyncDispose]());
afterEach(() => void (memo.beforeStep = async () => {}));
const { admin, headgate } = world;
const token = await world.token("admin", "o");
const path = "/v1/organizations/o/setup/memo/verify";
const sse = { accept: "text/event-stream" };

const tryOut = (box: string, headers = {}): Promise<Response> =>
  world.ask("POST", path, { token, headers, body: { options: { box } } });

describe("a verification", () => {
  it("comes as JSON at its end, with what failed and what to do", async () => {
    expect(await (await tryOut("good")).json()).toMatchObject({
      ok: true,
      steps: [{ name: "open" }, { name: "write" }],
    });
    expect(await (await tryOut("blocked")).json()).toMatchObject({ ok: false, steps: [{}, { fix: "Open it." }] });
    expect((await headgate.streams.list({ organization: "o" })).length).toBe(0);
  });

  it("comes step by step as server-sent events, each before the next one is done", async () => {
    const second = Promise.withResolvers<void>();
    let calls = 0;
    memo.beforeStep = async () => {
      if ((calls += 1) === 2) await second.promise;
    };
    const found: unknown[] = [];
    for await (const one of serverSentEvents(await tryOut("good", sse))) {
      found.push(one.event);
      if (found.length === 1) second.resolve();
      if (one.event === "done") expect(one.data).toEqual({ ok: true });
    }
    expect(found).toEqual(["step", "step", "done"]);
  });

  it("that a defect breaks off ends with a step that says so, and nothing of what was thrown", async () => {
    const text = await (await tryOut("broken")).text();
    expect(JSON.parse(text)).toMatchObject({
      ok: false,
      steps: [{ name: "open" }, { name: "verification", status: "failed" }],
    });
    expect(text).not.toContain("s3cr3t");
    const events = [];
    for await (const { event } of serverSentEvents(await tryOut("broken", sse))) events.push(event);
    expect(events).toEqual(["step", "step", "done"]);
  });

  it("that cannot begin is a problem, also where events were asked for", async () => {
    for (const headers of [{}, sse]) {
      const body = { options: { box: "" } };
      const response = await world.ask("POST", path, { token, headers, body });
      expect([response.status, response.headers.get("content-type")]).toEqual([400, "application/problem+json"]);
    }
    expect((await tryOut("good", { accept: "text/csv" })).status).toBe(406);
  });

  it("stops at the destination when the client goes", async () => {
    const stopped = Promise.withResolvers<void>();
    let calls = 0;
    memo.beforeStep = (_options, signal) =>
      (calls += 1) === 1
        ? Promise.resolve()
        : new Promise<void>((_resolve, reject) => {
            signal.addEventListener("abort", () => {
              stopped.resolve();
              reject(signal.reason as Error);
            });
          });
    for await (const { event } of serverSentEvents(await tryOut("good", sse))) {
      expect(event).toBe("step");
      break;
    }
    await stopped.promise;
    expect(calls).toBe(2);
  });

  it("answers a client that goes before its end, and leaves nothing open", async () => {
    const reached = Promise.withResolvers<void>();
    memo.beforeStep = () => {
      reached.resolve();
      return new Promise<void>(() => {});
    };
    const leaving = new AbortController();
    for (let i = 0; i < 30; i++) {
      const controller = i === 0 ? leaving : new AbortController();
      const body = { options: { box: "deaf" } };
      const answer = world.api.fetch(requestOf("POST", path, { token, body, signal: controller.signal }));
      await reached.promise;
      controller.abort();
      const response = await answer;
      expect([i, response.status]).toEqual([i, 503]);
    }
  });

  it("of a stream is recorded with what it came to", async () => {
    const { body } = await admin("p", "POST", "/streams", { body: { sink: "memo", options: { box: "blocked-1" } } });
    const answer = await admin("p", "POST", `/streams/${String(body["id"])}/verify`);
    expect(answer.body).toMatchObject({ ok: false });
    expect((await world.changes("p")).at(-1)).toBe('headgate.stream.verified api_token {"ok":false}');
  });
});
