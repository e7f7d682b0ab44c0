import { createHeadgate, defineCatalog, memoryStore } from "@headgate/core";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { createApi } from "../create-api.ts";
import { type Asked, createWorld, event, problemOf, requestOf } from "../testing/world.ts";
import { jsonElements, ndjsonElements } from "./element-splitter.ts";

const world = createWorld({ limits: { requestsPerMinute: 100_000, ingestBodyBytes: 1024 * 1024, ingestEvents: 1000 } });
afterAll(() => world[Symbol.asyncDispose]());
const token = await world.token("ingest", "o");
const path = "/v1/organizations/o/events";
const ndjson = { "content-type": "application/x-ndjson" };
const gzip = { "content-encoding": "gzip" };

const post = (asked: Asked): Promise<Response> => world.ask("POST", path, { token, ...asked });
const lastSequence = async (): Promise<number> => (await world.headgate.store.journal.head("o")).lastSequence;

async function storedLines(organization = "o"): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { body } of world.headgate.store.journal.read(organization, { after: 0 })) {
    lines.push(...Buffer.from(body).toString().split("\n").filter(Boolean));
  }
  return lines;
}

describe("appending events over HTTP", () => {
  it("takes an array, one object, and NDJSON, plain and as gzip", async () => {
    const lines = [event("n-1"), event("n-2")].map((one) => `${JSON.stringify(one)}\n`).join("");
    const answers = [
      await post({ body: [event("a-1"), event("a-2")] }),
      await post({ body: event("s-1") }),
      await post({ body: lines, headers: ndjson }),
      await post({ body: gzipSync(lines.replaceAll("n-", "z-")), headers: { ...ndjson, ...gzip } }),
      await post({
        body: gzipSync(JSON.stringify([event("z-3")])),
        headers: { "content-type": "application/json", ...gzip },
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    expect(await answers[0]?.json()).toEqual({ accepted: 2, duplicates: 0, first_sequence: 1, last_sequence: 2 });
    expect(await lastSequence()).toBe(8);
  });

  it("stores the same batch once, however often it is sent", async () => {
    const batch = { body: [event("twice-1"), event("twice-2"), event("twice-1")] };
    const first = (await (await post(batch)).json()) as { readonly last_sequence: number };
    expect(first).toMatchObject({ accepted: 2, duplicates: 1 });
    const before = await lastSequence();
    expect(await (await post(batch)).json()).toMatchObject({
      accepted: 0,
      duplicates: 3,
      last_sequence: first.last_sequence,
    });
    expect(await lastSequence()).toBe(before);
  });

  it("takes nothing that only Headgate itself says", async () => {
    for (const [forged, at] of [
      [event("f-1", { action: "headgate.stream.deleted" }), "events[0].action"],
      [event("headgate-change-1"), "events[0].id"],
    ] as const) {
      const response = await post({ body: [forged] });
      expect([response.status, await response.json()]).toMatchObject([400, { problems: [{ path: at }] }]);
    }
    const metadata = { text: ',"action":"headgate.x"', action: "headgate.x" };
    expect((await post({ body: [event("f-2", { action: "headgates.open", metadata })] })).status).toBe(202);
  });

  it("counts lines without anything on them: they cost as much to look at", async () => {
    const few = await post({ body: "\n".repeat(900), headers: ndjson });
    expect(few.status).toBe(202);
    const many = await post({ body: gzipSync("\n".repeat(1_000_000)), headers: { ...ndjson, ...gzip } });
    expect(many.status).toBe(413);
  });

  it("names each bad event and its paths, and stores none of the batch", async () => {
    const before = await lastSequence();
    const response = await post({
      body: [
        event("ok"),
        { action: "a", actor: { type: "user" } },
        event("ok-2"),
        event("bad", { colour: 1, outcome: "maybe" }),
      ],
    });
    expect(response.status).toBe(400);
    const { code, problems, detail } = (await response.json()) as {
      readonly code: string;
      readonly detail: string;
      readonly problems: readonly { readonly path: string; readonly message: string }[];
    };
    expect([code, detail.slice(0, 28)]).toEqual(["event_invalid", "2 of 4 events are invalid, s"]);
    expect(problems).toContainEqual({ path: "events[1].actor", message: 'lacks "id"' });
    expect(problems.some(({ path: at }) => at === "events[3].outcome")).toBe(true);
    expect(await lastSequence()).toBe(before);
  });

  it("keeps every digit of a number, the text of metadata, and strings with line breaks in them", async () => {
    const metadata = '{"n": 12345678901234567890, "e": 1.10, "__proto__": 1}';
    const text = `[\n {"id": "digits",\n "action": "a", "actor": {"type": "u", "id": "u_1", "name": "line\\nbreak"},\r\n "metadata": ${metadata.replace(", ", ",\n")}}\n]`;
    expect((await post({ body: text, headers: { "content-type": "application/json" } })).status).toBe(202);
    const line = (await storedLines()).find((one) => one.includes('"digits"'));
    expect(line).toContain('"n": 12345678901234567890');
    expect(line).toContain('"e": 1.10, "__proto__": 1}');
    expect(JSON.parse(line ?? "")).toMatchObject({ actor: { name: "line\nbreak" } });
  });

  it("refuses bodies that are too large, also such that only unpack to be so, before they are read", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
    const answers = [
      await post({ body: Buffer.alloc(1024 * 1024 + 1, 0x20), headers: ndjson }),
      await post({ body: bomb, headers: { ...ndjson, ...gzip } }),
      await post({ body: "{}\n".repeat(1001), headers: ndjson }),
      await post({ body: "{}", headers: { ...ndjson, "content-length": "99999999" } }),
    ];
    expect(await Promise.all(answers.map(problemOf))).toEqual(Array.from({ length: 4 }, () => "413 body_too_large"));
  });

  it.each<[string, Asked, string]>([
    ["no content type", { body: Buffer.from("{}") }, "415 media_type_unsupported"],
    [
      "another charset",
      { body: "{}", headers: { "content-type": "application/json; charset=latin1" } },
      "415 media_type_unsupported",
    ],
    [
      "another encoding",
      { body: "{}", headers: { ...ndjson, "content-encoding": "br" } },
      "415 media_type_unsupported",
    ],
    ["damaged gzip", { body: "no gzip", headers: { ...ndjson, ...gzip } }, "400 request_invalid"],
    [
      "gzip cut short",
      { body: gzipSync(JSON.stringify(event("x"))).subarray(0, 30), headers: { ...ndjson, ...gzip } },
      "400 request_invalid",
    ],
    [
      "bytes after gzip",
      { body: Buffer.concat([gzipSync("{}"), Buffer.from("more")]), headers: { ...ndjson, ...gzip } },
      "400 request_invalid",
    ],
    ["a number", { body: "1", headers: { "content-type": "application/json" } }, "400 event_invalid"],
    ["an open array", { body: "[{}", headers: { "content-type": "application/json" } }, "400 event_invalid"],
    [
      "a comma too many",
      { body: `[${JSON.stringify(event("c"))},]`, headers: { "content-type": "application/json" } },
      "400 event_invalid",
    ],
    ["two arrays", { body: "[][]", headers: { "content-type": "application/json" } }, "400 event_invalid"],
    ["invalid UTF-8", { body: Buffer.from([0x7b, 0xff, 0x7d]), headers: ndjson }, "400 event_invalid"],
    ["nothing as JSON", { body: "", headers: { "content-type": "application/json" } }, "400 event_invalid"],
    ["another organization's event", { body: event("f", { organization: { id: "foreign" } }) }, "400 event_invalid"],
  ])("refuses %s", async (_, asked, expected) => {
    const before = await lastSequence();
    expect(await problemOf(await post(asked))).toBe(expected);
    expect(await lastSequence()).toBe(before);
  });

  it("neither fails on what is nested deeper than a stack, nor on what looks like it", async () => {
    const json = { "content-type": "application/json" };
    const nested = (open: string, close: string): string => `${open.repeat(50_000)}1${close.repeat(50_000)}`;
    for (const body of [nested("[", "]"), nested('{"a":', "}"), "[".repeat(100_000), '{"a":'.repeat(100_000)]) {
      expect(await problemOf(await post({ body, headers: json }))).toBe("400 event_invalid");
    }
    const body = `{"id":"deep","action":"a","actor":{"type":"u","id":"u"},"metadata":${nested('{"a":', "}")}}`;
    expect((await post({ body, headers: json })).status).toBe(202);
    const viewer = await world.token("viewer", "o");
    for (const accept of ["application/json", "text/csv"]) {
      const response = await world.ask("GET", `${path}?q=%22deep%22`, { token: viewer, headers: { accept } });
      expect([response.status, (await response.text()).length > 0]).toEqual([200, true]);
    }
  });

  it("takes a batch of nothing", async () => {
    const empty = await post({ body: [] });
    expect([empty.status, await empty.json()]).toEqual([202, { accepted: 0, duplicates: 0 }]);
    expect((await post({ body: "\n\n", headers: ndjson })).status).toBe(202);
  });
});

describe("splitting a body", () => {
  it("gives the same events, however the bytes were cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 }),
        fc.constantFrom(undefined, 1, "\t"),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        (values, indent, cuts) => {
          const array = Buffer.from(JSON.stringify(values, undefined, indent));
          const lines = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
          for (const [make, text] of [
            [jsonElements, array],
            [ndjsonElements, lines],
          ] as const) {
            const found: unknown[] = [];
            const splitter = make((element) => void found.push(JSON.parse(Buffer.from(element).toString())));
            for (let at = 0; at < text.length;) {
              const { value } = cuts.next() as { readonly value: number };
              splitter.push(text.subarray(at, at + value));
              at += value;
            }
            splitter.end();
            expect(JSON.stringify(found)).toBe(JSON.stringify(values));
          }
        },
      ),
    );
  });
});

describe("a platform's catalog", () => {
  const catalog = defineCatalog({ "user.login": { category: "authentication", description: "Somebody signed in." } });

  it("has the last word on actions over HTTP too", async () => {
    await using headgate = createHeadgate({ store: memoryStore(), sinks: [], catalog, unknownActions: "refuse" });
    const api = createApi({ headgate });
    const { token: own } = await api.tokens.create({ name: "t", role: "ingest", organization: "o" });
    const send = (body: object): Promise<Response> => api.fetch(requestOf("POST", path, { token: own, body }));
    expect((await send(event("1"))).status).toBe(202);
    expect(await problemOf(await send(event("2", { action: "user.logon" })))).toBe("400 event_invalid");
  });
});
