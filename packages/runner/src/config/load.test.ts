import { join } from "node:path";
import { HeadgateError, type Secret, secret, type SinkDefinition } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { loadConfig } from "./load.ts";
import { ConfigError, type ConfigProblem } from "./problem.ts";

/** A sink whose options use what configuration has to cope with: alternatives, secrets, paths, an insecure endpoint. */
const testSink: SinkDefinition = {
  type: "test",
  schema: {
    type: "object",
    additionalProperties: false,
    required: ["bucket"],
    properties: {
      bucket: { type: "string", minLength: 1 },
      endpoint: { type: "string" },
      token: { type: "string", writeOnly: true },
      mode: { enum: ["plain", "packed"] },
      credentials: {
        anyOf: [
          { const: "default_chain" },
          {
            type: "object",
            additionalProperties: false,
            minProperties: 1,
            maxProperties: 1,
            properties: {
              assume_role: {
                type: "object",
                additionalProperties: false,
                required: ["role_arn"],
                properties: { role_arn: { type: "string" }, external_id: { type: "string" } },
              },
              static: { type: "object" },
            },
          },
        ],
      },
    },
  },
  fromConfig(options, { allowInsecureEndpoint, directory }) {
    if (String(options["endpoint"]).startsWith("http://") && !allowInsecureEndpoint) {
      throw new HeadgateError("sink_options_invalid", "The endpoint uses plain http.", {
        hint: "Set allow_insecure_endpoint: true.",
      });
    }
    return { ...options, directory, ...(typeof options["token"] === "string" && { token: secret(options["token"]) }) };
  },
  create: () => {
    throw new Error("not needed here");
  },
};

function load(
  text: string,
  environment: Record<string, string> = {},
  files: Record<string, string> = {},
): ReturnType<typeof loadConfig> {
  using folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) folder.write(name, content);
  return loadConfig(folder.write("headgate.yaml", text), { sinks: [testSink], environment });
}

function problemsOf(
  text: string,
  environment: Record<string, string> = {},
  files: Record<string, string> = {},
): readonly ConfigProblem[] {
  try {
    load(text, environment, files);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error("the configuration was taken");
}

const store = "store: { kind: sqlite, path: ./data/headgate.db }\n";
const stream = (rest: string): string => `${store}streams:\n  - { id: s, organization: o, sink: test, ${rest} }\n`;

describe("loadConfig", () => {
  it("turns units into milliseconds and bytes, and paths into absolute ones", () => {
    using folder = temporaryFolder();
    const file = folder.write(
      "headgate.yaml",
      `${store}
sources: [{ kind: file, path: events.ndjson, organization: acme, follow: true }, { kind: file, path: "-", organization: acme }]
streams:
  - id: acme
    name: Security bucket
    organization: acme
    sink: test
    options: { bucket: b }
    flush: { max_age: 90s, max_bytes: 64MiB, max_events: 10 }
    from: now
delivery: { concurrency: 4, per_host: 2, memory: 1MB, lease_ttl: 500ms, retry_cap: 2s, give_up_after: 90d, give_up_paused: true }
retention: 30d
log: { level: debug, format: json }
unknown_actions: warn
`,
    );
    expect(loadConfig(file, { sinks: [testSink] })).toEqual({
      file,
      allowedAddresses: [],
      allowInsecureEndpoint: false,
      s3Endpoints: [],
      store: { kind: "sqlite", path: `${folder.path}/data/headgate.db` },
      sources: [
        { kind: "file", path: `${folder.path}/events.ndjson`, organization: "acme", follow: true },
        { kind: "file", path: "-", organization: "acme", follow: false },
      ],
      streams: [
        {
          id: "acme",
          name: "Security bucket",
          organization: "acme",
          sink: "test",
          options: { bucket: "b", directory: folder.path },
          flush: { maxAgeMs: 90_000, maxBytes: 67_108_864, maxEvents: 10 },
          from: "now",
        },
      ],
      delivery: {
        concurrency: 4,
        perHost: 2,
        memoryBytes: 1_000_000,
        leaseTtlMs: 500,
        giveUpAfterMs: 7_776_000_000,
        giveUpPaused: true,
        retry: { baseMs: 1000, capMs: 2000, blockedMs: 60_000 },
      },
      retentionMs: 2_592_000_000,
      unknownActions: "warn",
      log: { level: "debug", format: "json" },
      warnings: [],
    });
  });

  it("reads JSON with tabs as well", () => {
    const config = load('{\n\t"store": {\n\t\t"kind": "memory"\n\t}\n}');
    expect(config.store).toEqual({ kind: "memory" });
  });

  it("replaces references inside texts, strips a file's last line break, and leaves escapes", () => {
    const config = load(
      stream('options: { bucket: "a-${env:B}-${file:./part}-$${env:B}", token: "${env:TOKEN}" }'),
      { B: "bee", TOKEN: "s3cr3t" },
      { part: "part\n" },
    );
    const options = config.streams[0]?.options as { readonly bucket: string; readonly token: Secret };
    expect(options.bucket).toBe("a-bee-part-${env:B}");
    expect(options.token.reveal()).toBe("s3cr3t");
    expect(JSON.stringify(config)).not.toContain("s3cr3t");
  });

  it("names each missing variable and file with its path and line, and nothing twice", () => {
    const problems = problemsOf(
      stream('options: { bucket: "${env:NOPE}", mode: "${env:EMPTY}", token: "${file:gone}", endpoint: "${what}" }'),
      { EMPTY: "" },
    );
    expect(problems.map(({ path, line }) => [path, line])).toEqual([
      ["streams[0].options.bucket", 3],
      ["streams[0].options.mode", 3],
      ["streams[0].options.token", 3],
      ["streams[0].options.endpoint", 3],
    ]);
    expect(problems[0]?.message).toContain("environment variable NOPE, which is not set");
    expect(problems[1]?.message).toContain("EMPTY, which is empty");
    expect(problems[2]?.message).toMatch(/needs the file .*gone, which does not exist/);
    expect(problems[3]?.message).toContain("write ${env:NAME} or ${file:PATH}");
  });

  it("never shows a value that came from outside", () => {
    const problems = problemsOf(stream('options: { bucket: b, mode: "${env:TOKEN}", endpoint: 5 }'), {
      TOKEN: "s3cr3t",
    });
    expect(problems).toHaveLength(2);
    expect(JSON.stringify(problems)).not.toContain("s3cr3t");
  });

  it("suggests the nearest key for an unknown one, at its own line", () => {
    expect(problemsOf(`${store}\nstreems: []\n`)).toEqual([
      { path: "streems", line: 3, message: 'is an unknown key; did you mean "streams"?' },
    ]);
    expect(problemsOf(stream("options: { bucket: b, buckett: c }"))[0]?.message).toContain('did you mean "bucket"?');
  });

  it("explains the nearest of several forms only", () => {
    const problems = problemsOf(stream("options: { bucket: b, credentials: { assume_role: { external_id: x } } }"));
    expect(problems).toEqual([
      { path: "streams[0].options.credentials.assume_role", line: 3, message: 'lacks "role_arn"' },
    ]);
    const none = problemsOf(stream("options: { bucket: b, credentials: {} }"));
    expect(none.map(({ message }) => message)).toEqual(["must hold exactly one of assume_role, static"]);
  });

  it.each([
    ["retention: 30", "retention", "must be a string, not a number; write it like 30d"],
    ["retention: soon", "retention", "must look like 30d"],
    ["retention: 0d", "retention", "must be more than 0"],
    [
      "delivery: { give_up_after: 23h }",
      "delivery.give_up_after",
      "must be at least 1d: events of a stream would be lost in a shorter outage",
    ],
    [
      "delivery: { give_up_paused: true }",
      "delivery.give_up_paused",
      "needs delivery.give_up_after: without that limit nothing is given up",
    ],
    ["delivery: { concurrency: 0 }", "delivery.concurrency", "must be >= 1"],
    ["log: { level: debg }", "log.level", 'must be one of debug, info, warn, error, silent; did you mean "debug"?'],
    ["sources: {}", "sources", "must be a list, not a mapping"],
    ["sources: [{ kind: file, path: x }]", "sources[0]", 'lacks "organization"'],
    [
      "sources: [{ kind: file, path: '-', organization: o, follow: true }]",
      "sources[0].follow",
      "has no meaning for standard input, which is read to its end",
    ],
    [
      "sources: [{ kind: file, path: x, organization: o }, { kind: file, path: x, organization: o }]",
      "sources[1]",
      "reads the same file into the same organization as sources[0]",
    ],
    [
      "streams: [{ id: a b, organization: o, sink: test, options: { bucket: b } }]",
      "streams[0].id",
      "must look like acme-s3: 1 to 128 letters, digits, dots, underscores and hyphens, the first a letter or a digit",
    ],
    [
      "streams: [{ id: a, organization: o, sink: tset, options: {} }]",
      "streams[0].sink",
      'must be one of test; did you mean "test"?',
    ],
  ])("refuses %s", (text, path, message) => {
    expect(problemsOf(`${store}${text}\n`)).toEqual([{ path, message, line: 2 }]);
  });

  it("refuses two streams with one id", () => {
    const problems = problemsOf(
      `${stream("options: { bucket: b }")}  - { id: s, organization: p, sink: test, options: { bucket: b } }\n`,
    );
    expect(problems).toEqual([
      { path: "streams[1].id", line: 4, message: '"s" is taken by streams[0]; every stream needs an id of its own' },
    ]);
  });

  it("finds the store's mark from the configuration file's folder", () => {
    using folder = temporaryFolder();
    const file = folder.write("m.yaml", "store: { kind: sqlite, path: ./h.db, mark: ../marks/acme }\nstreams: []\n");
    expect(loadConfig(file, { sinks: [testSink] }).store).toMatchObject({
      markPath: join(folder.path, "../marks/acme"),
    });
  });

  it("refuses stores that this version does not have", () => {
    expect(problemsOf("store: { kind: nats, url: x }")[0]?.message).toBe(
      'is "nats", which is not in this version; use sqlite or postgres',
    );
  });

  it("refuses a database's address that cannot be meant, without repeating it", () => {
    const problems = (rest: string): string => problemsOf(`store: { kind: postgres, ${rest} }`)[0]?.message ?? "";
    expect(problems("")).toMatch(/url/);
    for (const [url, said] of [
      ["hunter2", /no URL/],
      ["mysql://u:hunter2@db/x", /postgresql:\/\//],
      ["postgresql://u:hunter2@db.example/x?sslmode=require", /does not check whom/],
      ["postgresql://u:hunter2@db.example/x?sslmode=disable", /switches encryption off/],
      ["postgresql://u:hunter2@db.example/x?target_session_attrs=any", /parameter that is not used/],
      ["postgresql://u:hunter2%@db.example/x", /%/],
      ["postgresql://db.example/x", /no user/],
    ] as const) {
      expect(problems(`url: "${url}"`)).toMatch(said);
      expect(problems(`url: "${url}"`)).not.toContain("hunter2");
    }
    expect(problems('url: "postgresql://u@db.example/x", path: ./h.db')).toBe("is not for a postgres store");
    using folder = temporaryFolder();
    for (const rest of [
      'url: "postgresql://u:p@db.example/x?sslmode=disable", allow_insecure_connection: true',
      'url: "postgresql://u@/x?host=%2Frun%2Fpostgresql"',
      'url: "postgresql://u:p@db.example/x", schema: audit, ca_file: ./ca.pem, max_connections: 4',
    ]) {
      const file = folder.write("p.yaml", `store: { kind: postgres, ${rest} }\nstreams: []\n`);
      expect(loadConfig(file, { sinks: [testSink] }).store.kind).toBe("postgres");
    }
  });

  it("passes on what a sink says of its options, and takes the operator's word for an insecure endpoint in three places", () => {
    const options = 'options: { bucket: b, endpoint: "http://127.0.0.1:1"';
    expect(problemsOf(stream(`${options} }`))).toEqual([
      {
        path: "streams[0].options",
        line: 3,
        message: "The endpoint uses plain http. Set allow_insecure_endpoint: true.",
      },
    ]);
    expect(load(stream(`${options}, allow_insecure_endpoint: true }`)).streams[0]?.options).not.toHaveProperty(
      "allow_insecure_endpoint",
    );
    expect(load(stream(`${options} }, allow_insecure_endpoint: true`)).streams).toHaveLength(1);
    expect(load(`${stream(`${options} }`)}allow_insecure_endpoint: true\n`).streams).toHaveLength(1);
  });

  it("takes the operator's list of addresses, and names an entry that is none", () => {
    const list = (entries: string): string => `store: { kind: memory }\nallowed_addresses: [${entries}]\n`;
    expect(load(list('"10.20.0.0/16", "fd00:1::1"')).allowedAddresses).toEqual(["10.20.0.0/16", "fd00:1::1"]);
    expect(problemsOf(list('"10.20.0.0/16", example.com'))).toEqual([
      { path: "allowed_addresses[1]", line: 2, message: "must be an IP address, or a range such as 10.20.0.0/16" },
    ]);
  });

  it("lists the mistakes of a stage in the order of the file", () => {
    const problems = problemsOf(`stor: {}\nsources: 1\nstreams: [{ id: 1 }]\n`);
    expect(problems.map(({ line }) => line)).toEqual([1, 1, 2, 3, 3, 3, 3]);
  });

  it("says where the syntax breaks", () => {
    expect(problemsOf("store: {\n  kind: memory\nstreams: []\n")[0]).toMatchObject({
      path: "",
      message: expect.stringContaining("is not valid YAML") as string,
    });
    expect(problemsOf("store: { kind: memory }\nstore: { kind: memory }\n")[0]).toMatchObject({ line: 2 });
    expect(problemsOf("")[0]?.message).toBe("must be a mapping, not empty");
  });

  it("names a configuration file that is missing or a folder", () => {
    expect(() => loadConfig("/nonexistent/headgate.yaml", { sinks: [] })).toThrow(
      "does not exist; name the file with -c FILE",
    );
    using folder = temporaryFolder();
    expect(() => loadConfig(folder.path, { sinks: [] })).toThrow("is a folder");
  });

  it("needs none of the streams' secrets where only the store is wanted", () => {
    using folder = temporaryFolder();
    const file = folder.write("headgate.yaml", stream('options: { bucket: "${env:NOPE}" }'));
    expect(loadConfig(file, { sinks: [testSink], environment: {}, scope: "store" }).store).toEqual({
      kind: "sqlite",
      path: `${folder.path}/data/headgate.db`,
    });
    const broken = folder.write("broken.yaml", "store: { kind: sqlite, path: '${env:NOPE}' }");
    expect(() => loadConfig(broken, { sinks: [testSink], environment: {}, scope: "store" })).toThrow("NOPE");
  });

  it("reads a catalog, and says where one is wrong", () => {
    const catalog = '{"a.b":{"category":"access","description":"d","metadata":{"type":"object"}}}';
    expect(load(`${store}catalog: ./c.json\n`, {}, { "c.json": catalog }).catalog?.actions).toHaveProperty(["a.b"]);
    expect(
      problemsOf(`${store}catalog: ./c.json\n`, {}, { "c.json": '{"a.b":{"category":1}}' }).map(
        ({ message }) => message,
      ),
    ).toEqual([
      expect.stringMatching(/c\.json, where \["a\.b"\] lacks "description"$/) as string,
      expect.stringMatching(/c\.json, where \["a\.b"\]\.category must be a string/) as string,
    ]);
    expect(problemsOf(`${store}catalog: ./gone.json\n`)[0]?.message).toMatch(/gone\.json, which does not exist$/);
  });

  it("compiles a mapping, and says where one is wrong", () => {
    const source = `${store}sources: [{ kind: file, path: x, organization: o, mapping: m.yaml }]\n`;
    const good = "action: a\nactor: { type: { const: user }, id: who }\n";
    const mapping = load(source, {}, { "m.yaml": good }).sources[0]?.mapping;
    expect(mapping?.apply({ a: "b.c", who: "w" }, '{"a":"b.c","who":"w"}').event).toMatchObject({ action: "b.c" });
    const [problem] = problemsOf(source, {}, { "m.yaml": "action: a\nactr: {}\n" });
    expect(problem).toMatchObject({ path: "sources[0].mapping", line: 2 });
    expect(problem?.message).toMatch(/m\.yaml: \$\.actr is unknown.*\$\.actor is missing/);
  });

  it("refuses a mapping that cannot be read", () => {
    expect(problemsOf(`${store}sources: [{ kind: file, path: x, organization: o, mapping: gone.yaml }]\n`)).toEqual([
      {
        path: "sources[0].mapping",
        line: 2,
        message: expect.stringMatching(/gone\.yaml, which does not exist$/) as string,
      },
    ]);
  });
});
