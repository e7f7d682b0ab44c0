import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { HttpClient } from "@headgate/egress";
import type { LogsReply, LogsTransport, LogsTransportFactory, LogsTransportSettings } from "../transport.ts";
import { askApi, guardedClient, logsUrl, reachIntake } from "../transport.ts";
import { loadClient } from "./client.ts";
import { logItems, outgrown } from "./items.ts";

/** A request as the client hands it to its `fetch`. */
interface FetchRequest {
  readonly method: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the client reads of a response. */
interface FetchResponse {
  readonly status: number;
  readonly headers: { forEach(each: (value: string, name: string) => void): void };
  text(): Promise<string>;
}

const compressed = promisify(gzip);
const logsPath = "/api/v2/logs";

/**
 * Sends logs with Datadog's own client, for those who must. The client makes the request; a `fetch` of ours carries it:
 * guarded addresses, time limits, no redirects, gzip off the main thread, one signal for each call. Server and key are
 * given for each call, so that `DD_SITE` and `DD_API_KEY` change nothing; its retries stay off.
 *
 * @example
 * ```ts
 * datadogSink({ transport: datadogApiClientTransport() });
 * ```
 */
export function datadogApiClientTransport(): LogsTransportFactory {
  return (settings) => {
    const client = guardedClient(settings);
    return {
      submit: (body, options) => submit(client, settings, body, options),
      validate: (signal) => askApi(client, settings, signal),
      reach: (signal) => reachIntake(client, settings, signal),
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  };
}

async function submit(
  client: HttpClient,
  { intake, apiKey }: LogsTransportSettings,
  body: Uint8Array,
  { contentEncoding, signal }: Parameters<LogsTransport["submit"]>[1],
): Promise<LogsReply> {
  signal.throwIfAborted();
  const { LogsApi, createConfiguration, BaseServerConfiguration } = await loadClient();
  signal.throwIfAborted();
  let ended: { readonly reply: LogsReply } | { readonly error: unknown } | undefined;

  async function carry(url: string, request: FetchRequest): Promise<LogsReply> {
    const text = request.body ?? "";
    if (outgrown(text, body)) return { status: 413, headers: {}, body: new Uint8Array(0) };
    const plain = contentEncoding === "identity";
    const sent = plain ? Buffer.from(text) : await compressed(text);
    const { "Accept-Encoding": _any, ...headers } = request.headers;
    const encoding = plain ? {} : { "content-encoding": "gzip" };
    return await client.send({
      url: new URL(url),
      method: "POST",
      headers: { ...headers, ...encoding },
      body: sent,
      signal,
    });
  }

  // Never rejects, and shows the client no more than the status: what it cannot read it would write to the console.
  async function fetch(url: string, request: FetchRequest): Promise<FetchResponse> {
    try {
      ended = { reply: await carry(url, request) };
    } catch (error) {
      ended = { error };
    }
    const status = "reply" in ended ? ended.reply.status : 500;
    return { status, headers: { forEach: () => {} }, text: async () => "{}" };
  }

  const server = logsUrl(intake).href.slice(0, -logsPath.length);
  const configuration = createConfiguration({
    baseServer: new BaseServerConfiguration(server, {}),
    authMethods: { apiKeyAuth: apiKey.reveal() },
    fetch,
    enableRetry: false,
    debug: false,
    httpConfig: { compress: false },
  });
  try {
    await new LogsApi(configuration).submitLog({ body: logItems(body) });
  } catch (error) {
    // The client throws for every status but 202; what counts is what came over the wire.
    if (ended === undefined) throw error;
  }
  if (ended === undefined) throw new TypeError("The client sent no request.");
  if ("error" in ended) throw ended.error;
  return ended.reply;
}
