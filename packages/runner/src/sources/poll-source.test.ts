import { HeadgateError, isHeadgateError } from "@headgate/core";
import { describe, expect, it } from "vitest";
import type { LogReply } from "./testing/log-server.ts";
import { type PollBench, pollBench, type Service, services } from "./testing/poll-bench.ts";

const minute = 60_000;

/** Logs `count` records, a second apart, the last one `ago` ms before now. */
function logMany(service: Service, { server, clock }: PollBench, count: number, ago = minute): readonly string[] {
  const first = clock.now() - ago - (count - 1) * 1000;
  return Array.from({ length: count }, (_, index) => {
    const record = service.record(`r${String(index).padStart(4, "0")}`, first + index * 1000);
    server.log(record);
    return record.id;
  });
}

const ids = async (bench: PollBench): Promise<readonly string[]> => (await bench.events()).map(({ id }) => id);

/** Follows until so many requests were made; the last one is still answered. */
async function follow(bench: PollBench, source: ReturnType<PollBench["source"]>, requests: number): Promise<void> {
  const stop = new AbortController();
  const { onRequest } = bench.server;
  let made = 0;
  bench.server.onRequest = (request) => {
    if (++made > requests) stop.abort();
    return onRequest(request);
  };
  await source.run({ signal: stop.signal });
}

describe.each(services)("polling $name", (service) => {
  it("reads every page in order, keeps the whole record, and ends with once", async () => {
    await using bench = await pollBench(service, { pageSize: 7 });
    const logged = logMany(service, bench, 40);
    const summary = await bench.source().run({ once: true });
    expect(summary).toEqual({ read: 40, accepted: 40, duplicates: 0, rejected: 0 });
    const events = await bench.events();
    expect(events.map(({ id }) => id)).toEqual(logged);
    const [first] = events;
    expect(first?.metadata).toEqual(JSON.parse(service.record("r0000", Date.parse(first?.occurred_at ?? "")).text));
    expect(bench.server.faults).toEqual([]);
  });

  it("begins a day back at its first start, or as far as it is told", async () => {
    await using bench = await pollBench(service);
    const old = service.record("old", bench.clock.now() - 25 * 60 * minute);
    bench.server.log(old);
    const [young] = logMany(service, bench, 1);
    await bench.source().run({ once: true });
    expect(await ids(bench)).toEqual([young]);
    await using other = await pollBench(service);
    other.server.log(old);
    await other.source({ sinceMs: 48 * 60 * minute }).run({ once: true });
    expect(await ids(other)).toEqual(["old"]);
  });

  it("reads what came while the very first requests failed for days", async () => {
    await using bench = await pollBench(service);
    const [only] = logMany(service, bench, 1);
    bench.server.script({ status: 401, body: "{}" });
    await expect(bench.source().run({ once: true })).rejects.toThrow(/401/);
    bench.clock.pass(3 * 24 * 60 * minute);
    await bench.source().run({ once: true });
    expect(await ids(bench)).toEqual([only]);
  });

  it("goes on where it was, reads the overlap again, and stores nothing twice", async () => {
    await using bench = await pollBench(service, { pageSize: 50 });
    const logged = logMany(service, bench, 1000);
    await bench.source().run({ once: true });
    const before = bench.server.requests.length;
    bench.clock.pass(5 * minute);
    const late = service.record("late", bench.clock.now() - 9 * minute, bench.clock.now());
    bench.server.log(late);
    const { read, accepted } = await bench.source().run({ once: true });
    expect([...(await ids(bench))].sort()).toEqual([...logged, "late"].sort());
    expect(accepted).toBe(1);
    // Ten minutes before the end of the first run, not all of the day.
    expect(read).toBeLessThan(600);
    expect(decodeURIComponent(bench.server.requests[before]?.url.search ?? "")).toContain("2026-11-27T11:50:00");
  });

  it("finds late records while it follows, and counts what it reads again once", async () => {
    await using bench = await pollBench(service);
    const logged = logMany(service, bench, 3);
    const late = service.record("late", bench.clock.now() - 8 * minute, bench.clock.now() + 90_000);
    bench.server.log(late);
    const source = bench.source();
    await follow(bench, source, 8);
    expect([...(await ids(bench))].sort()).toEqual([...logged, "late"].sort());
    expect(bench.lines.filter((line) => line.includes("present end"))).toHaveLength(2);
    expect(bench.lines.at(-1)).toMatch(/"new":1,"rejected":0,"up_to":"2026-11-27T12:0\d:.*","behind_s":\d+/);
    // Once a list without end is begun anew, the journal alone knows what it has.
    const again = service.name === "github" ? 0 : 4;
    expect(await source.run({ once: true })).toMatchObject({ read: 4 + again, accepted: 4, duplicates: again });
  });

  it("saves how far it is only once the store has the events", async () => {
    await using bench = await pollBench(service, { pageSize: 10 });
    const logged = logMany(service, bench, 40);
    let room = 2;
    const full = new HeadgateError("store_full", "The store is full.");
    const append: PollBench["append"] = (organization, events) =>
      --room < 0 ? Promise.reject(full) : bench.append(organization, events);
    const source = bench.source({ overlapMs: 1 }, { append });
    await expect(source.run({ once: true })).rejects.toBe(full);
    expect(await ids(bench)).toEqual(logged.slice(0, 20));
    room = 1;
    // Another process goes on, and then the same one.
    await expect(bench.source({ overlapMs: 1 }, { append }).run({ once: true })).rejects.toBe(full);
    room = 100;
    await source.run({ once: true });
    expect(await ids(bench)).toEqual(logged);
  });

  it("stores no place ahead of an append that is still under way", async () => {
    await using bench = await pollBench(service);
    const logged = logMany(service, bench, 5);
    // So much later that saving is due after every page.
    bench.server.onRequest = () => bench.clock.pass(2000);
    const full = new HeadgateError("store_full", "The store is full.");
    const append = (): Promise<never> => new Promise((_, reject) => setTimeout(() => reject(full), 20));
    await expect(bench.source({ overlapMs: 1 }, { append }).run({ once: true })).rejects.toBe(full);
    await bench.source({ overlapMs: 1 }).run({ once: true });
    expect(await ids(bench)).toEqual(logged);
  });

  it("waits until the rate limit is reset, and asks for nothing before", async () => {
    await using bench = await pollBench(service, { pageSize: 5 });
    const logged = logMany(service, bench, 40);
    bench.server.limit(3, bench.clock.now() + 20 * minute);
    await bench.source().run({ once: true });
    expect(bench.server.faults).toEqual([]);
    expect(await ids(bench)).toEqual(logged);
    expect(Math.max(...bench.clock.waits)).toBeGreaterThanOrEqual(20 * minute);
    expect(bench.lines.filter((line) => line.includes("rate limit is used up"))).toHaveLength(1);
  });

  it.each([
    ["Retry-After", { status: 429, headers: { "retry-after": "37" }, body: "{}" }, 37_000],
    ["a refusal that says when", { status: 503, headers: { "retry-after": "90" }, body: "{}" }, 90_000],
    ["nothing but the status", { status: 429, body: "{}" }, minute],
  ] as const)("waits as long as it is asked to: %s", async (_name, reply, least) => {
    await using bench = await pollBench(service);
    const logged = logMany(service, bench, 2);
    bench.server.script(reply, reply);
    await bench.source().run({ once: true });
    expect(await ids(bench)).toEqual(logged);
    expect(bench.clock.waits).toHaveLength(2);
    expect(Math.min(...bench.clock.waits)).toBeGreaterThanOrEqual(least);
  });

  it("spreads its looks where the rate limit would not last", async () => {
    await using bench = await pollBench(service);
    logMany(service, bench, 2);
    bench.server.limit(4, bench.clock.now() + 60 * minute);
    await follow(bench, bench.source(), 6);
    expect(bench.server.faults).toEqual([]);
    expect(bench.clock.waits[0]).toBeGreaterThanOrEqual(19 * minute);
  });

  const refused: readonly (readonly [string, LogReply, string, RegExp])[] = [
    ["401", { status: 401, body: "{}" }, "source_denied", /does not accept the token of the source \(HTTP 401\)/],
    ["403", { status: 403, body: "{}" }, "source_denied", /does not let the source read the audit log \(HTTP 403\)/],
    ["404", { status: 404, body: "{}" }, "source_denied", /HTTP 404/],
    ["422", { status: 422, body: "{}" }, "source_failed", /does not take the request for its audit log \(HTTP 422\)/],
    [
      "a redirect",
      { status: 301, headers: { location: "http://x/" }, body: "" },
      "source_failed",
      /a redirect \(HTTP 301\)/,
    ],
  ];
  it.each(refused)("tells %s once, tries again, and goes on when it is mended", async (_name, reply, code, message) => {
    await using bench = await pollBench(service);
    const logged = logMany(service, bench, 2);
    bench.server.script(reply, reply, reply);
    await follow(bench, bench.source(), 6);
    expect(await ids(bench)).toEqual(logged);
    const told = bench.lines.filter((line) => line.startsWith("error:"));
    expect(told).toEqual([expect.stringMatching(message)]);
    expect(told[0]).toContain(`"code":"${code}"`);
    expect(told[0]).toContain('"hint":"');
    expect(bench.lines.filter((line) => line.includes("can be read again"))).toHaveLength(1);
    // Half a minute at least: nobody mends a token in a second.
    expect(Math.min(...bench.clock.waits.slice(0, 3))).toBeGreaterThanOrEqual(30_000);
    expect(bench.lines.join("\n")).not.toContain(service.token);
  });

  it.each(refused)("ends on %s with once", async (_name, reply, code, message) => {
    await using bench = await pollBench(service);
    bench.server.script(reply);
    const error = await bench
      .source()
      .run({ once: true })
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    expect(isHeadgateError(error)).toBe(true);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
    expect(bench.server.requests).toHaveLength(1);
  });

  const faulty: readonly (readonly [string, LogReply, RegExp])[] = [
    ["no answer", { status: 0, body: "" }, /cannot be reached, or the connection broke/],
    ["a fault", { status: 502, body: "<html>" }, /reports a fault of its own \(HTTP 502\)\.$/],
    [
      "no JSON",
      { status: 200, body: "<html>Sign in" },
      /answered something that is no JSON list of records \(13 bytes\)\.$/,
    ],
    ["an object", { status: 200, body: '{"a":1}' }, /no JSON list of records/],
    ["half a page", { status: 200, body: '[{"a":1},' }, /no JSON list of records/],
    ["too much", { status: 200, body: `[${" ".repeat(1024 * 1024)}]` }, /answered with more than is read\.$/],
  ];
  it.each(faulty)(
    "says in one sentence that it got %s, and tries again ever more slowly",
    async (_name, reply, message) => {
      await using bench = await pollBench(service);
      const logged = logMany(service, bench, 2);
      bench.server.script(...Array.from({ length: 9 }, () => reply));
      await follow(bench, bench.source(), 12);
      expect(await ids(bench)).toEqual(logged);
      const told = bench.lines.filter((line) => line.startsWith("error:"));
      expect(told).toHaveLength(1);
      expect((JSON.parse(told[0]?.slice(told[0].indexOf("{")) ?? "") as { error: string }).error).toMatch(message);
      expect(bench.clock.waits.slice(0, 9)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000]);
    },
  );

  it("gives up on a faulty service after five tries with once, and keeps what it has", async () => {
    await using bench = await pollBench(service, { pageSize: 5 });
    const logged = logMany(service, bench, 12);
    const fault = { status: 500, body: "" };
    bench.server.script(undefined, fault, fault, fault, fault, fault);
    await expect(bench.source().run({ once: true })).rejects.toMatchObject({ code: "source_failed" });
    expect(await ids(bench)).toEqual(logged.slice(0, 5));
    expect(bench.server.requests).toHaveLength(6);
  });

  it("sets a record apart that is no event, once, and goes on with its neighbours", async () => {
    await using bench = await pollBench(service);
    const [one, two] = logMany(service, bench, 2) as [string, string];
    const bad = {
      id: "bad",
      at: bench.clock.now() - minute - 500,
      visibleAt: 0,
      text: `{"nothing":"of use","secret":"s3cr3t"}`,
    };
    const half = { ...bad, id: "half", at: bad.at + 1, text: `{"a":tru}` };
    bench.server.log(bad);
    bench.server.log(half);
    if (service.name === "okta") for (const record of [bad, half]) Object.assign(record, { visibleAt: record.at });
    expect(await bench.source().run({ once: true })).toMatchObject({ read: 4, accepted: 2, rejected: 2 });
    expect(await bench.source().run({ once: true })).toMatchObject({ accepted: 0, duplicates: 2, rejected: 2 });
    expect(await ids(bench)).toEqual([one, two]);
    const rejected = await bench.store.quarantine.rejected();
    expect(rejected.map(({ content }) => Buffer.from(content).toString()).sort()).toEqual([half.text, bad.text]);
    expect(rejected[0]).toMatchObject({
      organization: "acme",
      source: expect.stringMatching(/^(github acme|okta 127\.0\.0\.1:\d+)#[0-9a-f]{12}$/) as string,
      line: 1,
      reason: { message: expect.stringMatching(/^record \d: /) as string },
    });
    expect(bench.lines.join("\n") + JSON.stringify(rejected.map(({ reason }) => reason))).not.toContain("s3cr3t");
  });

  it("takes fields and types of events that nobody has seen yet", async () => {
    await using bench = await pollBench(service);
    const { id, at, text } = service.record("new", bench.clock.now() - minute);
    const novel = `${text.slice(0, -1).replace(/repo\.create|user\.session\.start/, "quantum.teleport")},"big":12345678901234567890,"deep":{"a":[{"b":null}]}}`;
    bench.server.log({ id, at, visibleAt: at, text: novel });
    await bench.source().run({ once: true });
    const [event] = await bench.events();
    expect(event).toMatchObject({ id: "new", action: "quantum.teleport" });
    for await (const { body } of bench.store.journal.read("acme", { after: 0 }))
      expect(Buffer.from(body).toString()).toContain(`"metadata":${novel}`);
  });

  it("knows a record without an id again by what it says", async () => {
    await using bench = await pollBench(service);
    const { at, text } = service.record("x", bench.clock.now() - minute);
    const nameless = text.replace('"_document_id":"x",', "").replace('"uuid":"x",', "");
    bench.server.log({ id: "x", at, visibleAt: at, text: nameless });
    await bench.source().run({ once: true });
    expect(await bench.source().run({ once: true })).toMatchObject({ duplicates: 1, accepted: 0 });
    expect(await bench.events()).toHaveLength(1);
  });

  it("begins a stretch anew where a link has expired, and ends where links never hold", async () => {
    await using bench = await pollBench(service, { pageSize: 5 });
    const logged = logMany(service, bench, 12);
    const gone = { status: 404, body: "{}" };
    bench.server.script(undefined, gone);
    await bench.source().run({ once: true });
    expect(await ids(bench)).toEqual(logged);
    await using other = await pollBench(service, { pageSize: 5 });
    logMany(service, other, 12);
    other.server.script(undefined, gone, undefined, gone);
    await expect(other.source().run({ once: true })).rejects.toThrow(/refuses the links/);
  });

  it("sends the token to no other host than the one that was configured", async () => {
    await using bench = await pollBench(service);
    await using elsewhere = await pollBench(service);
    const link = `<${elsewhere.server.url.href}next>; rel="next"`;
    bench.server.script({ status: 200, headers: { link }, body: "[]" });
    await expect(bench.source().run({ once: true })).rejects.toThrow(/another host, which is not followed/);
    expect(elsewhere.server.requests).toEqual([]);
  });

  it("tells readings of one log apart by organization, and asks both for all", async () => {
    await using bench = await pollBench(service);
    logMany(service, bench, 3);
    await bench.source().run({ once: true });
    expect(await bench.source({ organization: "other" }).run({ once: true })).toMatchObject({ accepted: 3 });
  });
});
