import fc, { type Arbitrary } from "fast-check";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import type { JsonSchema } from "./route.ts";
import { awkwardText, type Hints, memberOf, valuesOf } from "./testing/schema-arbitrary.ts";
import { streamsScenario } from "./testing/streams-scenario.ts";
import { createWorld, event } from "./testing/world.ts";

const numRuns = Number(process.env["HEADGATE_FUZZ_RUNS"] ?? 500);

const logged: string[] = [];
const world = createWorld({
  ...(streamsScenario.sinks && { sinks: streamsScenario.sinks }),
  limits: { requestsPerMinute: 1e9, failuresPerMinute: 1e9, eventStreams: 1000, exports: 1000, ingestBodyBytes: 1e6 },
  metrics: async () => ({ contentType: "text/plain", body: "up 1\n" }),
  logger: {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (message, fields) => void logged.push(`${message} ${JSON.stringify(fields)}`),
  },
});
afterAll(() => world[Symbol.asyncDispose]());
const canary = "canary-of-another-organization";
await world.headgate.append("p", [{ action: canary, actor: { type: "user", id: canary, name: canary } }]);
await world.headgate.append("o", [event("first") as never]);
const stream = "fuzzed";

/** What was sent may have deleted it. */
async function makeStream(): Promise<void> {
  if ((await world.headgate.streams.get(stream)) !== undefined) return;
  const options = { box: "own" };
  await world.headgate.streams.create("o", { id: stream, sink: "memo", options });
}
/** Ids of what is there, and options that a sink takes. */
const hints: Hints = {
  organization: fc.constantFrom("o", "o", "p"),
  stream: fc.constant(stream),
  sink: fc.constant("memo"),
  sequence: fc.constantFrom(1, 2),
  options: fc.record({ box: fc.constantFrom("shelf", "blocked", "broken"), note: fc.string({ maxLength: 5 }) }),
};
const tokens = [
  await world.token("admin", "o"),
  await world.token("viewer", "o"),
  await world.token("ingest", "o"),
  await world.token("operator"),
];

interface Spec {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: JsonSchema }[];
  readonly body: readonly (readonly [string, JsonSchema])[];
}

const document = world.api.openapi as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
};
const specs: readonly Spec[] = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => {
    const { parameters, requestBody } = operation as {
      readonly parameters: Spec["parameters"];
      readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
    };
    const body = Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => [type, schema] as const);
    return { method: method.toUpperCase(), path, parameters, body };
  }),
);

interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | undefined;
}

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value) ?? "");

/** Values as `encodeURIComponent` takes them: halves of surrogate pairs have no encoding at all. */
const encoded = (value: unknown): string =>
  encodeURIComponent((typeof value === "string" ? value : JSON.stringify(value)).toWellFormed());

/** Requests that mostly are what an operation takes. */
function requestsOf(spec: Spec): Arbitrary<Sent> {
  const inPath = spec.parameters.filter((parameter) => parameter.in === "path");
  const inQuery = spec.parameters.filter((parameter) => parameter.in === "query");
  const path = fc
    .tuple(...inPath.map(({ name, schema }) => memberOf(name, schema, hints)))
    .map((values) =>
      inPath.reduce((text, { name }, i) => text.replace(`{${name}}`, () => encoded(values[i])), spec.path),
    );
  const query = fc
    .tuple(
      ...inQuery.map(({ name, schema }) =>
        fc.option(memberOf(name, schema, hints).map((value) => `${name}=${encoded(value)}`)),
      ),
    )
    .map((pairs) => pairs.filter((pair) => pair !== null).join("&"));
  const [type, schema] = spec.body[0] ?? [];
  const body = schema === undefined ? fc.constant(undefined) : valuesOf(schema, hints).map(json);
  const accept = fc.constantFrom("application/json", "text/csv", "application/x-ndjson", "text/event-stream", "*/*");
  return fc.record({ path, query, body, accept }).map(({ path: at, query: search, body: sent, accept: wanted }) => ({
    method: spec.method,
    target: search === "" ? at : `${at}?${search}`,
    headers: { accept: wanted, ...(type !== undefined && { "content-type": type }) },
    body: sent,
  }));
}

/** By name, because a failure prints what was sent. */
const awkwardBodies: Readonly<Record<string, string>> = {
  deepArray: "[".repeat(50_000),
  deepObject: '{"a":'.repeat(10_000),
  deepEvent: `{"action":"a","actor":{"type":"u","id":"i"},"metadata":${'{"a":'.repeat(9000)}1${"}".repeat(9001)}`,
  halfSurrogate: '"\\ud800"',
  twoObjects: "{}\n{}",
  byteOrderMark: "\ufeff[]",
};

/** Anything at all, near the addresses that there are. */
const wild: Arbitrary<Sent> = fc
  .record({
    spec: fc.constantFrom(...specs),
    method: fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"),
    parts: fc.array(
      awkwardText.map((text) => encodeURI(text.toWellFormed())),
      { maxLength: 4 },
    ),
    search: awkwardText,
    headers: fc.dictionary(
      fc.constantFrom(
        "accept",
        "content-type",
        "content-encoding",
        "range",
        "cookie",
        "headgate-request",
        "origin",
        "x-anything",
      ),
      fc.oneof(
        fc.stringMatching(/^[\x20-\x7e]{0,30}$/),
        fc.constantFrom(
          "application/json",
          "application/x-ndjson",
          "gzip",
          "gzip, gzip",
          "1",
          "text/csv;q=x",
          "a;".repeat(2000),
        ),
      ),
    ),
    body: fc.oneof(
      fc.constant(undefined),
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(gzipSync(bytes))),
      fc.constantFrom(...Object.keys(awkwardBodies)),
    ),
  })
  .map(({ spec, method, parts, search, headers, body }) => ({
    method,
    target: `${spec.path.replace("{organization}", "o").replace("{stream}", stream)}${parts.map((part) => `/${part}`).join("")}?${search}`,
    headers,
    body,
  }));

const traces = ["    at ", "node:internal", "packages/", ".ts:", ".js:", "Error:"];

async function check({ method, target, headers, body }: Sent, token: string): Promise<void> {
  await makeStream();
  const request = new Request(new URL(target, "http://headgate.test"), {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body !== undefined &&
      method !== "GET" &&
      method !== "HEAD" && {
        body: typeof body === "string" ? (awkwardBodies[body] ?? body) : (body as Uint8Array<ArrayBuffer>),
      }),
  });
  const response = await world.api.fetch(request);
  const reader = response.body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  const text = Buffer.from(first?.value ?? []).toString();
  expect([response.status < 500, text]).toEqual([true, text]);
  if (response.status < 400) return;
  for (const trace of traces) expect([trace, text.includes(trace)]).toEqual([trace, false]);
  if (method === "HEAD") return;
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(JSON.parse(text)).toMatchObject({ status: response.status, code: expect.any(String) });
}

describe("whatever is sent", () => {
  it("that follows the schemas, more or less, is never answered with 500, and never with a stack", async () => {
    const sent = fc.constantFrom(...specs).chain(requestsOf);
    await fc.assert(
      fc.asyncProperty(sent, fc.constantFrom(...tokens), async (one, token) => {
        await check(one, token);
      }),
      { numRuns },
    );
    expect(logged).toEqual([]);
  });

  it("that is anything at all is never answered with 500, and never with a stack", async () => {
    await fc.assert(
      fc.asyncProperty(wild, fc.constantFrom(...tokens), async (one, token) => {
        await check(one, token);
      }),
      { numRuns },
    );
    expect(logged).toEqual([]);
  });

  it("to another organization's addresses never shows anything of it", async () => {
    const foreign = fc.constantFrom(...specs.filter(({ path }) => path.includes("{organization}")));
    await fc.assert(
      fc.asyncProperty(foreign.chain(requestsOf), fc.constantFrom(...tokens.slice(0, 3)), async (one, token) => {
        const { method, headers, body } = one;
        const target = one.target.replace(/\/organizations\/[^/?]*/, "/organizations/p");
        const response = await world.ask(method, target, { token, headers, ...(method !== "GET" && { body }) });
        const text = await response.text();
        expect([response.status, text.includes(canary)]).toEqual([404, false]);
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    );
  });
});
