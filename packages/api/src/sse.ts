import type { Clock } from "@headgate/core";
import type { RouteContext } from "./route.ts";

/** One server-sent event; `data` is written as JSON. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: unknown;
}

/** Proxies tend to cut connections that are silent for a minute, and some for half of that. */
const pingMs = 15_000;

const encoder = new TextEncoder();
const ping = encoder.encode(": ping\n\n");

/**
 * Answers with `text/event-stream`. Events are asked for one at a time, as fast as the client takes them; a comment every
 * 15 s keeps the connection open. It ends with the events, with the context's signal, or when the client goes: in each
 * case the iterator's `return` is called. An error that the events throw ends the stream with an event `error`, which
 * says nothing of its kind.
 *
 * @throws `too_many_requests` where the principal has as many streams open as it may
 * @example
 * ```ts
 * return eventStream(context, (async function* () {
 *   yield { event: "streams", data: { streams: [] } };
 * })());
 * ```
 */
export function eventStream(context: RouteContext, events: AsyncIterable<ServerSentEvent>): Response {
  const { signal, clock, logger, requestId } = context;
  const release = context.hold("eventStreams");
  const iterator = events[Symbol.asyncIterator]();
  let coming: Promise<IteratorResult<ServerSentEvent>> | undefined;
  let ended = false;
  const gone = new AbortController();
  const over = AbortSignal.any([signal, gone.signal]);

  async function end(): Promise<void> {
    if (ended) return;
    ended = true;
    gone.abort();
    release();
    // An iterator that waits for its next event answers once that has come; nobody waits here for it.
    void Promise.resolve(iterator.return?.()).catch(() => {});
  }

  async function next(): Promise<IteratorResult<ServerSentEvent> | "ping" | "aborted"> {
    coming ??= iterator.next();
    // Whoever has gone does not hear of its failure.
    coming.catch(() => {});
    const waiting = firstOf(over, clock);
    try {
      const result = await Promise.race([coming, waiting.happened]);
      if (typeof result !== "string") coming = undefined;
      return result;
    } finally {
      waiting.stop();
    }
  }

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const result = await next();
          if (ended) return;
          if (result === "ping") return controller.enqueue(ping);
          if (result === "aborted" || result.done === true) {
            await end();
            return controller.close();
          }
          controller.enqueue(frame(result.value));
        } catch (error) {
          logger.error("a stream of events ended on an error", {
            request: requestId,
            error: error instanceof Error ? error.name : typeof error,
          });
          await end();
          controller.enqueue(frame({ event: "error", data: { code: "internal", request_id: requestId } }));
          controller.close();
        }
      },
      cancel: end,
    },
    // Nothing is fetched ahead of the client.
    { highWaterMark: 0 },
  );
  // `x-accel-buffering`: nginx would hold events back until its buffer is full.
  return new Response(body, { headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" } });
}

function frame({ event, data }: ServerSentEvent): Uint8Array {
  // JSON holds no raw line breaks, so one `data` line does.
  return encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

function firstOf(
  signal: AbortSignal,
  clock: Clock,
): { readonly happened: Promise<"ping" | "aborted">; readonly stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<"ping" | "aborted">();
  const abort = (): void => resolve("aborted");
  const cancel = clock.after(pingMs, () => resolve("ping"));
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return {
    happened: promise,
    stop: () => {
      cancel();
      signal.removeEventListener("abort", abort);
    },
  };
}
