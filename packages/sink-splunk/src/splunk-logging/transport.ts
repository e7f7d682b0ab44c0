import { httpClient, httpFailure, HttpFailure, type HttpReply } from "@headgate/egress";
import type { HecTransport, HecTransportFactory, HecTransportSettings } from "../transport.ts";
import { hecPaths } from "../transport.ts";
import { loadLogger } from "./logger.ts";
import { watchedExchange } from "./watched-agent.ts";

const paths = ["event"] as const;
const maxReplyBytes = 64 * 1024;
/** For what the client's own timers do not cover: it is known to lose callbacks. */
const graceMs = 1000;

/**
 * Posts events with Splunk's own package for Node, for those who must. It brings bytes to the collector and nothing more:
 * no compression, no acknowledgements, no health. What a reply means is decided as with the sink's own transport.
 *
 * @example
 * ```ts
 * splunkSink({ transport: splunkLoggingTransport() });
 * ```
 */
export function splunkLoggingTransport(): HecTransportFactory {
  return Object.assign(makeTransport, { paths });
}

function makeTransport(settings: HecTransportSettings): HecTransport {
  const { token, timeouts, ca, allow, insecure } = settings;
  const { connectMs, requestMs, replyMs } = timeouts;
  const client = httpClient({ allow, insecure, maxSockets: 2, ...(ca === undefined ? {} : { ca }) });
  const deadlineMs = connectMs + requestMs + replyMs + graceMs;

  return {
    paths,
    async send({ endpoint, path, body = new Uint8Array(0), channel, cookies, signal }) {
      signal.throwIfAborted();
      if (path !== "event") throw new TypeError(`splunk-logging cannot reach ${hecPaths[path]}.`);
      const Logger = await loadLogger();
      signal.throwIfAborted();
      const secure = endpoint.protocol === "https:";
      const exchange = watchedExchange(secure ? client.agents.https : client.agents.http, maxReplyBytes, {
        authorization: `Splunk ${token.reveal()}`,
        ...(cookies === undefined ? {} : { cookie: cookies }),
      });
      // One for each request: it keeps headers, queue and timers between calls.
      const logger = new Logger({
        token: "given-by-the-agent",
        protocol: secure ? "https" : "http",
        host: endpoint.hostname,
        // It takes 8088 for a port that is not named, whatever the scheme.
        port: Number(endpoint.port || (secure ? 443 : 80)),
        path: endpoint.pathname.replace(/\/$/, "") + hecPaths.event,
        maxRetries: 0,
        maxBatchCount: 0,
        maxBatchSize: 0,
        batchInterval: 0,
      });
      // Its own prints the whole batch.
      logger.error = () => {};
      logger.requestOptions = {
        strictSSL: true,
        agent: exchange.agent,
        open_timeout: connectMs,
        response_timeout: requestMs,
        read_timeout: replyMs,
        follow_max: 0,
        parse_response: false,
        decode_response: false,
        parse_cookies: false,
        headers: { "X-Splunk-Request-Channel": channel },
      };
      const failed = Promise.withResolvers<never>();
      // Its formatter drops indexed fields, so what is sent is put into its queue as it is, and sent in the same tick.
      logger.serializedContextQueue.push(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
      logger.flush((error) => {
        if (error instanceof Error) failed.reject(error);
      });
      return await settled(exchange.reply, failed.promise, deadlineMs, signal).finally(() => exchange.stop());
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** The first of: the reply, a failure that the client reports, the signal's reason, the end of patience. */
async function settled(
  reply: Promise<HttpReply>,
  failed: Promise<never>,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<HttpReply> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => over.reject(new HttpFailure("timeout", "body")), deadlineMs);
  const onAbort = (): void => over.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  // What the wire says comes first: the client's own words for the same are poorer.
  const late = failed.catch(async (error: unknown) => {
    await new Promise((resolve) => setImmediate(resolve));
    throw error;
  });
  try {
    return await Promise.race([reply, late, over.promise]);
  } catch (error) {
    signal.throwIfAborted();
    throw httpFailure(error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
