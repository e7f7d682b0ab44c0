import type { ServerTls } from "../http-listener.ts";

/** What the server starts with. */
export interface DatadogServerOptions {
  /** Keys that may send. */
  readonly apiKeys: readonly string[];
  /** The server's clock, Unix ms: the age of logs goes by it. @default the machine's */
  readonly now?: () => number;
  /** @default false */
  readonly tls?: ServerTls;
  /**
   * `events` keeps logs and bodies. `ids` keeps how often each id came, `counts` only how many came: for long runs.
   * @default "events"
   */
  readonly keep?: "events" | "ids" | "counts";
  /** Where the id of an event stands in its log, names joined with dots. @default "id" */
  readonly idPath?: string;
}

/** What the server is asked for. */
export type DatadogEndpoint = "logs" | "validate" | "unknown";

/** A well-formed log to refuse: one that has this value at this place (names joined with dots). */
export interface DatadogPoison {
  readonly path: string;
  readonly equals: string;
}

/** A property of a log that Datadog takes from whichever attribute it finds first. */
export type ReservedName = "date" | "host" | "message" | "service" | "source" | "status" | "trace_id";

/** An accepted log. */
export interface DatadogLog {
  /** As JSON has it, and as it was sent: where `truncated` is set Datadog keeps less. */
  readonly log: Readonly<Record<string, unknown>>;
  /** The log as it was sent, decompressed: from its first brace to its last. */
  readonly raw: Uint8Array;
  /** It is longer than Datadog keeps, and was cut in silence. */
  readonly truncated: boolean;
  /** Why Datadog drops it after it said 202: its time is out of the window. Undefined where it is kept. */
  readonly dropped: "too_old" | "too_new" | undefined;
  /** By which attribute each reserved property was decided: `message.…` where it stood in a message that is JSON itself. */
  readonly reserved: Readonly<Partial<Record<ReservedName, string>>>;
  /** Number of its request in `requests`. */
  readonly request: number;
}

/** One request as it was answered. */
export interface DatadogRequest {
  readonly endpoint: DatadogEndpoint;
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** 0 where no answer was given. */
  readonly status: number;
  /** Logs accepted. */
  readonly logs: number;
  /** Decompressed; empty where it could not be, and where the server does not keep events. */
  readonly body: Uint8Array;
  /** Size of the body as it was sent. Of a body over the limit only the beginning is counted. */
  readonly wireBytes: number;
  /** Requests with one number came over one kept connection. */
  readonly connection: number;
}
