import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { httpClient } from "@headgate/egress";
import type { HecTransport, HecTransportSettings } from "./transport.ts";
import { hecPaths } from "./transport.ts";

const compress = promisify(gzip);
/** Below this a body grows. */
const leastToCompress = 200;
/** Fast, because the collector decompresses at once and nothing is kept so; in long steps, because each waits for the main thread. */
const fast = { level: 1, chunkSize: 256 * 1024 };
/** The collector's answers are short; of a page in their place no more need be read than shows that it is one. */
const maxReplyBytes = 64 * 1024;
const paths = ["event", "ack", "health"] as const;

/**
 * The sink's own transport: kept connections, gzip off the main thread, every phase bounded in time, certificates always
 * verified, no redirects.
 */
export const httpTransport: ((settings: HecTransportSettings) => HecTransport) & { readonly paths: typeof paths } =
  Object.assign(makeTransport, { paths });

function makeTransport({ token, compression, timeouts, ca, allow, insecure }: HecTransportSettings): HecTransport {
  const { connectMs, requestMs, replyMs } = timeouts;
  const client = httpClient({
    allow,
    insecure,
    maxReplyBytes,
    maxSockets: 2,
    timeouts: { connectMs, headersMs: requestMs, bodyMs: replyMs },
    ...(ca === undefined ? {} : { ca }),
  });
  return {
    paths,
    async send({ endpoint, path, body, channel, cookies, signal }) {
      signal.throwIfAborted();
      const url = new URL(endpoint);
      url.pathname = url.pathname.replace(/\/$/, "") + hecPaths[path];
      const packed = body !== undefined && compression === "gzip" && body.length >= leastToCompress;
      const sent = packed ? await compress(body, fast) : body;
      const headers = {
        ...(path === "health" ? {} : { authorization: `Splunk ${token.reveal()}` }),
        "x-splunk-request-channel": channel,
        ...(cookies === undefined ? {} : { cookie: cookies }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(packed ? { "content-encoding": "gzip" } : {}),
      };
      const method = sent === undefined ? "GET" : "POST";
      return await client.send({ url, method, headers, signal, ...(sent === undefined ? {} : { body: sent }) });
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
