import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { secret, silentLogger, type Sink, systemClock } from "@headgate/core";
import { datadogSink } from "@headgate/sink-datadog";
import { s3Sink } from "@headgate/sink-s3";
import { splunkSink } from "@headgate/sink-splunk";
import { afterEach, expect, test } from "vitest";
import { untranslated } from "./untranslated.fixture.ts";

const role = "arn:aws:iam::444455556666:role/headgate";
const sinkContext = {
  stream: "acme",
  organization: "acme",
  clock: systemClock,
  random: () => 0.5,
  logger: silentLogger,
};

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.closeAllConnections();
});

/** A destination that answers as it is told. */
async function destination(answer: (request: IncomingMessage, body: string) => Reply): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { status, body, headers } = answer(request, Buffer.concat(chunks).toString());
      response.writeHead(status, headers).end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  server.unref();
  await once(server, "listening");
  open.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Everything that a verification says. */
async function saidBy(sink: Sink): Promise<readonly string[]> {
  const said: string[] = [];
  for await (const { name, detail, fix } of sink.verify?.({ signal: AbortSignal.timeout(20_000) }) ?? [])
    said.push(name, detail, ...(fix === undefined ? [] : [fix]), `${name}: ${detail}`);
  await sink[Symbol.asyncDispose]();
  return said;
}

const xml = (code: string): string => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>No.</Message></Error>`;
const stsFault = (code: string): string =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>No.</Message></Error></ErrorResponse>`;
const session = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>y</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

/** How a store that is none of AWS's answers to each kind of request. */
interface Store {
  readonly sts?: (externalId: string | null) => Reply;
  readonly put?: Reply;
  readonly other?: Reply;
}

const granted: Reply = { status: 200, body: session, headers: { "content-type": "text/xml" } };
const notGranted = (code: string, status = 403): Reply => ({ status, body: stsFault(code) });

const stores: Readonly<Record<string, Store>> = {
  "refuses the role": { sts: () => notGranted("AccessDenied") },
  "does not know the role": { sts: () => notGranted("NoSuchEntity", 404) },
  "is busy": { sts: () => notGranted("Throttling", 503) },
  "gives the role to anybody": { sts: () => granted },
  "ignores wrong ids": { sts: (id) => (id === null ? notGranted("AccessDenied") : granted) },
  "is right": {
    sts: (id) => (id === "hg-1" ? granted : notGranted("AccessDenied")),
    other: { status: 403, body: xml("AccessDenied") },
  },
  "allows all": {
    sts: (id) => (id === "hg-1" ? granted : notGranted("AccessDenied")),
    other: { status: 200, body: "" },
  },
  "does not say": {
    sts: (id) => (id === "hg-1" ? granted : notGranted("Throttling", 503)),
    other: { status: 503, body: xml("SlowDown") },
  },
  "denies writing": { put: { status: 403, body: xml("AccessDenied") } },
  "has no bucket": { put: { status: 404, body: xml("NoSuchBucket") } },
  "is elsewhere": {
    put: { status: 301, body: xml("PermanentRedirect"), headers: { "x-amz-bucket-region": "eu-west-2" } },
  },
  "is something else": { put: { status: 418, body: "<html>" } },
};

test.each(Object.entries(stores))("S3 whose server %s is verified in German", async (_, store) => {
  const {
    sts = (id) => (id === "hg-1" ? granted : notGranted("AccessDenied")),
    put = { status: 200, body: "" },
    other = { status: 403, body: xml("AccessDenied") },
  } = store;
  const endpoint = await destination(({ method }, body) => {
    if (method === "POST") return sts(new URLSearchParams(body).get("ExternalId"));
    return method === "PUT" ? put : other;
  });
  const sink = s3Sink({
    allowInsecureEndpoint: true,
    baseCredentials: () => Promise.resolve({ accessKeyId: "AKIA1", secretAccessKey: "x" }),
  });
  const options = {
    bucket: "acme-audit-logs",
    region: "eu-west-1",
    endpoint,
    forcePathStyle: true,
    credentials: { assumeRole: { roleArn: role, externalId: "hg-1" } },
  };
  const plainOnes = await saidBy(sink.create(options, sinkContext));
  const strict = { ...options, encryption: { mode: "sse-s3" }, expectedBucketOwner: "444455556666" } as const;
  const locked = { ...strict, objectLock: { mode: "governance", retainDays: 1 } } as const;
  const more = [
    ...(await saidBy(sink.create(strict, sinkContext))),
    ...(await saidBy(sink.create(locked, sinkContext))),
  ];
  expect(plainOnes.length).toBeGreaterThan(15);
  expect(untranslated([...plainOnes, ...more])).toEqual([]);
});

test("S3 without credentials is verified in German", async () => {
  const sink = s3Sink({ baseCredentials: () => Promise.reject(new Error("no")) });
  const credentials = { assumeRole: { roleArn: role, externalId: "hg-1" } };
  const said = await saidBy(sink.create({ bucket: "acme", region: "eu-west-1", credentials }, sinkContext));
  expect(untranslated(said)).toEqual([]);
});

/** Splunk's own words, which its documentation has too. */
const splunkWords = /^(Token|Invalid|Query|Data|ACK|HEC|Server|Queue|Internal|Incorrect|Event|Error|No data)\b[^.]* ←/;

const collectors: Readonly<Record<string, (path: string, body: string) => Reply>> = {
  "is well": (path, body) =>
    path.endsWith("health")
      ? { status: 200, body: '{"text":"HEC is healthy","code":17}' }
      : path.endsWith("ack")
        ? { status: 400, body: '{"text":"ACK is disabled","code":14}' }
        : body === ""
          ? { status: 400, body: '{"text":"No data","code":5}' }
          : { status: 200, body: '{"text":"Success","code":0}' },
  acknowledges: (path, body) =>
    path.endsWith("health")
      ? { status: 200, body: '{"text":"HEC is healthy","code":17}' }
      : path.endsWith("ack")
        ? { status: 200, body: '{"acks":{"0":true}}' }
        : body === ""
          ? { status: 400, body: '{"text":"No data","code":5}' }
          : { status: 200, body: '{"text":"Success","code":0,"ackId":0}' },
  "is something else": () => ({ status: 200, body: "<html>" }),
  ...Object.fromEntries(
    Array.from({ length: 30 }, (_, code) => [
      `says ${code}`,
      (path: string): Reply =>
        path.endsWith("health")
          ? { status: 200, body: '{"text":"HEC is healthy","code":17}' }
          : { status: code === 0 ? 200 : code === 9 ? 503 : 400, body: `{"text":"x","code":${code}}` },
    ]),
  ),
};

test.each(Object.entries(collectors))("Splunk that %s is verified in German", async (_, answer) => {
  const url = await destination(({ url: path = "" }, body) => answer(path.replace(/\?.*/, ""), body));
  const said: string[] = [];
  for (const more of [{}, { index: "audit", acknowledge: "required" }, { acknowledge: "off" }] as const) {
    const options = { url, token: secret("abc"), compression: "none", ...more } as const;
    said.push(...(await saidBy(splunkSink({ allowInsecureEndpoint: true }).create(options, sinkContext))));
  }
  expect(said.length).toBeGreaterThan(30);
  expect(untranslated(said).filter((text) => !splunkWords.test(text))).toEqual([]);
});

test("collectors of which one is gone are verified in German", async () => {
  const url = await destination(() => ({ status: 404, body: "" }));
  const options = { url: ["http://127.0.0.1:9", url], token: secret("abc") };
  const said = await saidBy(splunkSink({ allowInsecureEndpoint: true }).create(options, sinkContext));
  expect(untranslated(said)).toEqual([]);
});

const intakes: Readonly<Record<string, (method: string, path: string) => Reply>> = {
  "is well": (_, path) =>
    path.endsWith("validate") ? { status: 200, body: '{"valid":true}' } : { status: 202, body: "{}" },
  "does not know the key": () => ({ status: 403, body: '{"errors":["Forbidden"]}' }),
  "is something else": () => ({ status: 200, body: "<html>" }),
  ...Object.fromEntries(
    [400, 401, 403, 404, 408, 413, 429, 500, 503].map((status) => [
      `answers ${status}`,
      (method: string): Reply => ({ status: method === "POST" ? status : 200, body: '{"errors":[]}' }),
    ]),
  ),
};

test.each(Object.entries(intakes))("Datadog that %s is verified in German", async (_, answer) => {
  const url = await destination(({ method = "", url: path = "" }) => answer(method, path));
  const said: string[] = [];
  for (const more of [{}, { apiUrl: url }, { apiUrl: "http://127.0.0.1:9" }]) {
    const options = { url, apiKey: secret("abc"), ...more };
    said.push(...(await saidBy(datadogSink({ allowInsecureEndpoint: true }).create(options, sinkContext))));
  }
  expect(said.length).toBeGreaterThan(20);
  // Customers name a site, and no url.
  expect(untranslated(said.filter((text) => !text.includes("With url")))).toEqual([]);
});
