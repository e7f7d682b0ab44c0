import { shapeSchema } from "./shape-schema.ts";
import { duration, integer, type JsonSchema, organization, size, strict, text } from "./schema-parts.ts";
import { alerts, digests, http, platform, pseudonyms, secrets } from "./service-schema.ts";
import { oidc } from "./oidc-config.ts";
import { source } from "./source-schema.ts";

/** What the schema needs to know of a kind of destination. */
export interface SinkSchema {
  readonly type: string;
  /** JSON Schema of the sink's `options` as files write them. */
  readonly schema: JsonSchema;
}

const store: JsonSchema = strict(
  "Where events, checkpoints and quarantine are kept.",
  {
    kind: {
      enum: ["sqlite", "postgres", "nats", "memory"],
      description:
        "Kind of store. `sqlite` is one durable file, for runners of one machine. `postgres` is a schema of a PostgreSQL database, for runners of many. `memory` forgets everything at the end of the process. `nats` is not in this version.",
    },
    path: text("File of the sqlite store, relative to the configuration file. Created if need be.", {
      examples: ["./data/headgate.db"],
    }),
    mark: text(
      "File of the sqlite store's mark, relative to the configuration file, in a folder that is not backed up and put back with the store: an older copy is refused by it. By default it stands beside the store.",
      { examples: ["/var/lib/headgate-mark/acme"] },
    ),
    url: text(
      "Address of the postgres store, a secret as a whole: `postgresql://user:password@host:5432/database`, or `postgresql://user@/database?host=/var/run/postgresql` for a Unix socket. A server on another machine must show a trusted certificate for its name.",
      { writeOnly: true },
    ),
    listen_url: text(
      "The same database past any transaction pooler, to hear of other runners' appends at once. Without it they are found within a second.",
      { writeOnly: true },
    ),
    schema: text("Schema of the database that the postgres store is kept in.", {
      default: "headgate",
      pattern: "^(?!pg_)[a-z_][a-z0-9_]{0,39}$",
    }),
    ca_file: text(
      "Certificates that the database server's must descend from (PEM), relative to the configuration file. By default those that the machine trusts.",
      { examples: ["./ca.pem"] },
    ),
    max_connections: integer("Connections to the postgres store at a time, for each process.", 2, { default: 10 }),
    allow_insecure_connection: {
      type: "boolean",
      default: false,
      description:
        "Lets `url` switch encryption off with `sslmode=disable` for a database server on another machine, where something else protects the connection.",
    },
  },
  ["kind"],
  {
    allOf: [
      { if: { properties: { kind: { const: "sqlite" } }, required: ["kind"] }, then: { required: ["path"] } },
      { if: { properties: { kind: { const: "postgres" } }, required: ["kind"] }, then: { required: ["url"] } },
    ],
  },
);

const flush: JsonSchema = strict("When a window is due: at the first of these.", {
  max_age: duration("Longest wait of an undelivered event; a new stream's first window waits 5 s at most."),
  max_bytes: size("Bytes of stored lines in a window."),
  max_events: integer("Events in a window.", 1),
});

const delivery: JsonSchema = strict("Bounds of the delivery over all streams.", {
  concurrency: integer("Streams that are delivering at a time.", 1, { default: 64 }),
  per_host: integer("Streams that are delivering at a time to one destination host.", 1, { default: 8 }),
  memory: size("Memory for windows on their way; streams in trouble get half as much again.", {
    examples: ["160MiB"],
    default: "160MiB",
  }),
  retry_base: duration("Ceiling of the first wait after a failure.", { examples: ["1s"], default: "1s" }),
  retry_cap: duration("Ceiling of every wait after a failure.", { examples: ["5m"], default: "5m" }),
  blocked_probe: duration("Longest wait before a blocked stream is tried again.", { examples: ["1m"], default: "1m" }),
  disconnect_after: duration("A stream that has failed for so long counts as disconnected.", {
    examples: ["5m"],
    default: "5m",
  }),
  give_up_after: duration(
    "Events that a stream has not delivered so long after their append are given up for it: alerts count down to it, digests list them as lost. A day at least. Default: nothing is ever given up.",
    { examples: ["90d"] },
  ),
  give_up_paused: {
    type: "boolean",
    default: false,
    description: "Whether give_up_after goes for streams too that somebody has paused.",
  },
  lease_ttl: duration("How long a runner that hangs keeps others from delivering.", {
    examples: ["15s"],
    default: "15s",
  }),
});

const log: JsonSchema = strict("Logs, on standard error.", {
  level: {
    enum: ["debug", "info", "warn", "error", "silent"],
    default: "info",
    description: "Least level that is written.",
  },
  format: {
    enum: ["json", "pretty"],
    description:
      "`json`: an object a line. `pretty`: a line for people. Default: pretty on a terminal, json elsewhere.",
  },
});

const insecure = (where: string): JsonSchema => ({
  type: "boolean",
  default: false,
  description: `Allows ${where} to use plain http, and loopback and private addresses.`,
});

/** A sink's options plus the operator's own key, which the runner takes out before the sink sees them. */
function sinkOptions(sink: SinkSchema): JsonSchema {
  const properties = sink.schema["properties"];
  if (typeof properties !== "object" || properties === null) return sink.schema;
  const { $schema: _dialect, $id: _id, ...schema } = sink.schema;
  return { ...schema, properties: { ...properties, allow_insecure_endpoint: insecure("this stream") } };
}

function stream(sinks: readonly SinkSchema[]): JsonSchema {
  return strict(
    "One organization's connection to one destination.",
    {
      id: text("Unique among all streams; appears in status, logs and metrics.", {
        pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$",
        $comment: "1 to 128 letters, digits, dots, underscores and hyphens, the first a letter or a digit",
        examples: ["acme-s3"],
      }),
      name: text("What people call it, in the console and in alerts. Default: its id.", {
        maxLength: 100,
        examples: ["Security bucket"],
      }),
      organization: organization("Organization whose events are delivered."),
      sink: { enum: sinks.map(({ type }) => type), description: "Kind of destination." },
      options: { type: "object", description: "Settings of the destination, as its kind of sink takes them." },
      flush,
      ...shapeSchema,
      from: {
        enum: ["start", "now"],
        default: "start",
        description: "Where a new stream begins: with all that the journal holds, or with what comes next.",
      },
      shared_role: {
        type: "boolean",
        default: false,
        description:
          "Lets this stream use a role that another organization's streams use. It then keeps the role from nobody.",
      },
      allow_insecure_endpoint: insecure("this stream"),
    },
    ["id", "organization", "sink", "options"],
    {
      allOf: sinks.map((sink) => ({
        if: { properties: { sink: { const: sink.type } }, required: ["sink"] },
        then: { properties: { options: sinkOptions(sink) } },
      })),
    },
  );
}

/**
 * JSON Schema (draft 2020-12) of a configuration file, with the options of the given sinks. The shipped
 * `schema/config.json` is this for the built-in sinks. Strings marked `writeOnly` are secrets.
 */
export function configSchema(sinks: readonly SinkSchema[]): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Headgate configuration",
    ...strict(
      "What the headgate runner reads, stores and delivers. String values may hold ${env:NAME} and ${file:PATH}.",
      {
        $schema: { type: "string", description: "Address of this schema, for editors." },
        store,
        http,
        secrets,
        pseudonyms,
        digests,
        oidc,
        platform,
        alerts,
        sources: { type: "array", description: "What is read into the journal.", items: source },
        streams: { type: "array", description: "Where events are delivered to.", items: stream(sinks) },
        delivery,
        retention: duration("How long events are kept after every stream has delivered them.", {
          examples: ["30d"],
          default: "30d",
        }),
        catalog: text("JSON file with the platform's actions, relative to the configuration file.", {
          examples: ["./catalog.json"],
        }),
        unknown_actions: {
          enum: ["allow", "warn", "refuse"],
          default: "allow",
          description: "What happens to an action that the catalog does not know.",
        },
        allow_insecure_endpoint: insecure("every stream"),
        allowed_addresses: {
          type: "array",
          description:
            "IP addresses and ranges of the operator's own network that endpoints of streams may lead to, by https. Without them an endpoint leads to public addresses alone. They hold for the streams of customers too: name nothing that those must not have requests sent to.",
          items: text("An address, or a range as address/bits.", { examples: ["10.20.0.0/16", "fd00:1::/32"] }),
        },
        log,
      },
      ["store"],
    ),
  };
}
