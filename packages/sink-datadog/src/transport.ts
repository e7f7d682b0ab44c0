import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Secret } from "@headgate/core";
import { type EgressOptions, type HttpClient, httpClient } from "@headgate/egress";

/** An answer of the intake or of the API, whole. */
export interface LogsReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * How requests reach Datadog. Every method rejects with the signal's reason, or with an `HttpFailure` of
 * `@headgate/egress` where no usable answer came; whatever the status, an answer is an answer. Redirects are not followed.
 */
export interface LogsTransport extends AsyncDisposable {
  /** Sends a JSON array of logs, at most once. */
  submit(
    body: Uint8Array,
    options: { readonly contentEncoding: "gzip" | "identity"; readonly signal: AbortSignal },
  ): Promise<LogsReply>;
  /** Asks the API whether it knows the key. Only called where the settings have an `api`. @default not asked */
  validate?(signal: AbortSignal): Promise<LogsReply>;
  /** Asks the intake for anything at all, without sending a log. @default not asked */
  reach?(signal: AbortSignal): Promise<LogsReply>;
}

/** What a transport is made with. */
export interface LogsTransportSettings {
  /** What `/api/v2/logs` is put after. */
  readonly intake: URL;
  /** What `/api/v1/validate` is put after. */
  readonly api: URL | undefined;
  readonly apiKey: Secret;
  /** PEM of certificates to trust beside the usual ones. */
  readonly ca: string | undefined;
  readonly timeouts: { readonly connectMs: number; readonly requestMs: number };
  /** What addresses may be connected to. */
  readonly egress: EgressOptions;
}

/** Makes the transport of one stream. Opens nothing yet. */
export type LogsTransportFactory = (settings: LogsTransportSettings) => LogsTransport;

/** Longest time that the end of a reply is waited for, in ms. */
export const replyBodyMs = 30_000;

const compressed = promisify(gzip);
/** Fast, because the intake decompresses at once and nothing is kept so; in long steps, because each waits for the main thread. */
const fast = { level: 1, chunkSize: 256 * 1024 };

/** Sends requests itself, over guarded sockets that are kept alive. The default. */
export const httpLogsTransport: LogsTransportFactory = (settings) => {
  const client = guardedClient(settings);
  const logs = logsUrl(settings.intake);
  const headers = { accept: "application/json", "dd-api-key": settings.apiKey };
  return {
    async submit(body, { contentEncoding, signal }) {
      signal.throwIfAborted();
      const encoded = contentEncoding === "gzip" ? await compressed(body, fast) : body;
      return await client.send({
        url: logs,
        method: "POST",
        headers: {
          ...revealed(headers),
          "content-type": "application/json",
          ...(contentEncoding === "gzip" ? { "content-encoding": "gzip" } : {}),
        },
        body: encoded,
        signal,
      });
    },
    validate: (signal) => askApi(client, settings, signal),
    reach: (signal) => reachIntake(client, settings, signal),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
};

/** The guarded way out, with the limits of the settings. */
export function guardedClient({ egress, ca, timeouts }: LogsTransportSettings): HttpClient {
  return httpClient({
    ...egress,
    ...(ca === undefined ? {} : { ca }),
    timeouts: { connectMs: timeouts.connectMs, headersMs: timeouts.requestMs, bodyMs: replyBodyMs },
    maxSockets: 2,
  });
}

/** `GET /api/v1/validate`: https://docs.datadoghq.com/api/latest/authentication/#validate-api-key */
export async function askApi(
  client: HttpClient,
  { api, apiKey }: LogsTransportSettings,
  signal: AbortSignal,
): Promise<LogsReply> {
  if (api === undefined) throw new TypeError("There is no API to ask.");
  const url = under(api, "/api/v1/validate");
  const headers = { accept: "application/json", "dd-api-key": apiKey };
  return await client.send({ url, method: "GET", headers: revealed(headers), signal });
}

/** Asks the intake for something that it does not give: any answer shows its address and its certificate. */
export async function reachIntake(
  client: HttpClient,
  { intake }: LogsTransportSettings,
  signal: AbortSignal,
): Promise<LogsReply> {
  return await client.send({ url: logsUrl(intake), method: "GET", headers: { accept: "application/json" }, signal });
}

/** Where logs go: the path is left as it is where the base has it already. */
export function logsUrl(intake: URL): URL {
  return under(intake, "/api/v2/logs");
}

function under(base: URL, path: string): URL {
  const own = base.pathname.replace(/\/+$/, "");
  const url = new URL(base);
  url.pathname = own.endsWith(path) ? own : `${own}${path}`;
  return url;
}

/** The key is written out for the request alone. */
function revealed(headers: Readonly<Record<string, string | Secret>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : value.reveal()]),
  );
}
