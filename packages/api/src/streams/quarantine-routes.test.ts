import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoSink } from "../testing/memo-sink.ts";
import { createStreamWorld } from "../testing/stream-world.ts";
import { event } from "../testing/world.ts";

const world = createStreamWorld([memoSink().definition as never]);
afterAll(() => world[Symbol.asyncDispose]());
const { headgate, admin } = world;
let path = "";

beforeAll(async () => {
  const { body } = await admin("o", "POST", "/streams", { body: { sink: "memo", options: { box: "b" }, from: "now" } });
  path = `/streams/${String(body["id"])}`;
  const events = Array.from({ length: 25 }, (_, i) =>
    event(`e-${i}`, { action: i % 5 === 4 ? "user.login" : "poison.pill" }),
  );
  await headgate.append("o", events as never);
  await headgate.drain();
  // Marks stay as they are made.
  await headgate.stop();
});

interface Page {
  readonly entries: readonly { readonly sequence: number; readonly state: string; readonly event?: object }[];
  readonly next_cursor?: string;
}

const page = async (query = ""): Promise<Page> =>
  (await admin("o", "GET", `${path}/quarantine${query}`)).body as unknown as Page;

describe("the quarantine over HTTP", () => {
  it("lists in pages what the destination refused, and shows the event by itself alone", async () => {
    const first = await page("?limit=12");
    const second = await page(`?limit=12&cursor=${first.next_cursor}`);
    const entries = [...first.entries, ...second.entries];
    expect([first.entries.length, entries.length, second.next_cursor]).toEqual([12, 20, undefined]);
    expect(entries[0]).toEqual({
      sequence: 2,
      occurred_at: expect.stringMatching(/Z$/) as unknown,
      quarantined_at: expect.stringMatching(/Z$/) as unknown,
      reason: { code: "event_refused", message: "The box b does not take it.", vendor_code: "E13" },
      state: "held",
    });
    const { body } = await admin("o", "GET", `${path}/quarantine/2`);
    expect(body).toMatchObject({ sequence: 2, event: { id: "e-0", action: "poison.pill", sequence: 2 } });
    expect((await admin("o", "GET", `${path}/quarantine/6`)).status).toBe(404);
    expect((await admin("o", "GET", `${path}/quarantine/x`)).status).toBe(404);
  });

  it("marks one to be sent again, or discarded for good, and records it", async () => {
    const post = (what: string) => admin("o", "POST", `${path}/quarantine/${what}`);
    const retried = await post("2/retry");
    expect([retried.status, retried.body]).toEqual([202, { sequence: 2, state: "retry" }]);
    const discarded = await post("3/discard");
    expect([discarded.status, discarded.body]).toEqual([200, { sequence: 3, state: "discarded" }]);
    expect((await post("3/discard")).body).toEqual({ sequence: 3, state: "discarded" });
    const late = await post("3/retry");
    expect([late.status, late.body["code"]]).toEqual([409, "request_invalid"]);
    expect((await admin("o", "GET", `${path}/quarantine/3`)).body).not.toHaveProperty("event");
    expect((await world.changes("o")).slice(-2)).toEqual([
      'headgate.quarantine.retried api_token {"sequence":2}',
      'headgate.quarantine.discarded api_token {"sequence":3}',
    ]);
  });

  it("marks all of them, going on after a sequence, and counts only what it changed", async () => {
    const post = async (what: string) => (await admin("o", "POST", `${path}/quarantine/${what}`)).body;
    expect(await post("retry?after_sequence=20")).toEqual({ count: 4, more: false });
    expect(await post("retry")).toEqual({ count: 14, more: false });
    expect(await post("retry")).toEqual({ count: 0, more: false });
    expect(await post("discard")).toEqual({ count: 19, more: false });
    expect((await page("?limit=200")).entries.every(({ state }) => state === "discarded")).toBe(true);
    expect((await world.changes("o")).slice(-3)).toEqual([
      'headgate.quarantine.retried api_token {"count":4,"first_sequence":22,"last_sequence":25}',
      'headgate.quarantine.retried api_token {"count":14,"first_sequence":4,"last_sequence":20}',
      'headgate.quarantine.discarded api_token {"count":19,"first_sequence":2,"last_sequence":25}',
    ]);
  });

  it("stops a page that would hold too much, and goes on with the next one", async () => {
    await using large = createStreamWorld([memoSink().definition as never]);
    const body = { sink: "memo", options: { box: "large" }, from: "now" };
    const { body: stream } = await large.admin("o", "POST", "/streams", { body });
    const metadata = { text: "x".repeat(1_900_000) };
    for (let i = 0; i < 7; i++) await large.headgate.append("o", [event(`e-${i}`, { metadata }) as never]);
    await large.headgate.drain();
    const at = `/streams/${String(stream["id"])}/quarantine`;
    const first = (await large.admin("o", "GET", at)).body as unknown as Page;
    const second = (await large.admin("o", "GET", `${at}?cursor=${first.next_cursor}`)).body as unknown as Page;
    expect([first.entries.length, second.entries.length, second.next_cursor]).toEqual([5, 2, undefined]);
  });

  it("shows an event however deep it is, with every digit", async () => {
    const depth = 20_000;
    const metadata = `{"n":12345678901234567890,"deep":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    const sequence = (await headgate.store.journal.head("o")).lastSequence + 1;
    const line = `{"id":"deep","action":"poison.pill","actor":{"type":"u","id":"u"},"metadata":${metadata}}`;
    const token = await world.token("admin", "o");
    const headers = { "content-type": "application/x-ndjson" };
    const taken = await world.ask("POST", "/v1/organizations/o/events", { token, body: line, headers });
    expect([taken.status, await taken.text()]).toEqual([202, expect.anything()]);
    await headgate.drain();
    await headgate.stop();
    const response = await world.ask("GET", `/v1/organizations/o${path}/quarantine/${sequence}`, { token });
    const text = await response.text();
    expect([response.status, text.includes(metadata)]).toEqual([200, true]);
  });
});
