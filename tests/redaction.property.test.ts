import { mkdtempDisposable, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { createHeadgate, type Logger, secret, type SinkDefinition } from "@headgate/core";
import { faultServer } from "@headgate/sink-testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datadogSink } from "@headgate/sink-datadog";
import { s3Sink } from "@headgate/sink-s3";
import { splunkSink } from "@headgate/sink-splunk";
import { sqliteStore } from "@headgate/store-sqlite";

/** What a destination answers to everything: things that make a careless program quote its request. */
const replies = [
  { status: 401, body: '{"text":"Invalid authorization","code":3}' },
  { status: 403, body: '{"errors":[{"status":"403","title":"Forbidden"}]}' },
  { status: 400, body: '{"text":"Invalid data format","code":6,"invalid-event-number":0}' },
  { status: 403, body: "<Error><Code>SignatureDoesNotMatch</Code></Error>" },
  { status: 502, body: "<html>Bad Gateway</html>" },
  { status: 302, headers: { location: "http://127.0.0.1:1/" }, body: "" },
  { status: 200, body: "not JSON" },
] as const;

const sinks = ["s3", "splunk", "datadog"] as const;
type SinkName = (typeof sinks)[number];

function definitionOf(sink: SinkName): SinkDefinition {
  const operator = { allowInsecureEndpoint: true };
  const made = { s3: s3Sink(operator), splunk: splunkSink(operator), datadog: datadogSink(operator) };
  return made[sink];
}

function optionsOf(sink: SinkName, url: string, hidden: string): object {
  switch (sink) {
    case "s3": {
      const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: secret(hidden) };
      return {
        bucket: "bucket",
        region: "us-east-1",
        endpoint: url,
        forcePathStyle: true,
        credentials: { static: keys },
      };
    }
    case "splunk":
      return { url, token: secret(hidden), index: "audit" };
    case "datadog":
      return { url, apiKey: secret(hidden) };
  }
}

/** A secret as it is, in a URL, in JSON, and in Base64. */
function forms(hidden: string): readonly string[] {
  const base64 = Buffer.from(hidden).toString("base64").replace(/=+$/, "");
  return [hidden, encodeURIComponent(hidden), JSON.stringify(hidden).slice(1, -1), base64];
}

const show = (value: unknown): string =>
  `${inspect(value, { depth: 10, showHidden: true, maxStringLength: null, maxArrayLength: null })} ${JSON.stringify(value)}`;

/** Everything that a stream with this secret says and leaves behind, while its destination misbehaves. */
async function everythingSaid(
  sink: SinkName,
  hidden: string,
  content: string,
  reply: (typeof replies)[number],
): Promise<readonly string[]> {
  const said: string[] = [];
  const line = (message: string, fields?: unknown): void => void said.push(`${message} ${show(fields)}`);
  const logger: Logger = { debug: line, info: line, warn: line, error: line };
  const note = (what: unknown): void =>
    void said.push(what instanceof Error ? `${what.message} ${what.stack} ${show(what)}` : show(what));
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-redaction-"));
  await using server = await faultServer(() => reply);
  {
    await using headgate = createHeadgate({
      // Health events would come among the events that are counted.
      alerts: { auditLog: false },
      store: sqliteStore({ path: join(folder.path, "headgate.db") }),
      sinks: [definitionOf(sink)],
      logger,
      observer: { delivery: (report) => note(report), health: (_stream, health) => note(health) },
      delivery: { retry: { baseMs: 5, capMs: 10, blockedMs: 10 } },
    });
    const stream = { id: "s", sink, options: optionsOf(sink, server.url, hidden) };
    const wrong = {
      ...stream,
      id: "wrong",
      options: { ...stream.options, url: `ftp://${hidden}`, endpoint: `ftp://x`, nonsense: secret(hidden) },
    };
    await headgate.streams.create("org", stream as never).catch(note);
    await headgate.streams.declare([{ ...wrong, organization: "org" }] as never).catch(note);
    // A token that no header could carry is refused here: it must not show in the refusal either.
    await headgate.streams.declare([{ ...stream, organization: "org", flush: { maxAgeMs: 1 } }] as never).catch(note);
    await headgate.append("org", [{ action: "a", actor: { type: "user", id: "u" }, metadata: { note: content } }]);
    await headgate.start();
    await headgate.drain({ patienceMs: 50 }).then(note, note);
    try {
      for await (const step of headgate.streams.verify("s", { signal: AbortSignal.timeout(5000) })) note(step);
    } catch (error) {
      note(error);
    }
    note(await headgate.status());
    note(await headgate.streams.list());
    note(await headgate.streams.get("s"));
    note((await headgate.quarantine.list("s")).map(({ line: _content, ...about }) => about));
    note(headgate);
    await headgate.streams.delete("s").then(note, note);
  }
  for (const file of await readdir(folder.path))
    said.push(`store ${(await readFile(join(folder.path, file))).toString("latin1")}`);
  return said;
}

// Long and odd enough that it does not occur by chance; every other one is such as tokens really are.
const drawn = (characters: string): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...characters.split("")), minLength: 14, maxLength: 40 });
const plain = drawn("abcXYZ0123456789-");
const odd = drawn(`abcXYZ019/+=._~-&?%<>'"\\{}[] `);
const secrets = fc.oneof(plain, odd).filter((text) => text.trim() === text);

describe("a secret", () => {
  it.each(sinks)(
    "of a stream to %s shows in no log line, error, status, report, verification or file of the store, and no content of an event in any of them but the store",
    async (sink) => {
      await fc.assert(
        fc.asyncProperty(secrets, fc.constantFrom(...replies), fc.uuid(), async (hidden, reply, content) => {
          const said = await everythingSaid(sink, hidden, content, reply);
          expect(said.length).toBeGreaterThan(8);
          // Never the text itself: this message would be the leak.
          const leaks = said.filter((text) => forms(hidden).some((form) => text.includes(form)));
          expect(leaks.map((text) => text.replaceAll(hidden, "<secret>").slice(0, 200))).toEqual([]);
          expect(said.filter((text) => !text.startsWith("store ") && text.includes(content))).toEqual([]);
        }),
        { numRuns: 12 },
      );
    },
    120_000,
  );
});
