import { HeadgateError, isHeadgateError } from "./errors.ts";
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import type { Chunk, DeliveryContext, DeliveryResult, Sink, SinkFailure } from "./sink.ts";
import type { WindowPiece } from "./window.ts";

/** The chunk that a piece is sent as. */
export function chunkOf(
  stream: { readonly id: string; readonly organization: string },
  window: { readonly after: number; readonly through: number },
  encoding: string,
  piece: WindowPiece,
): Chunk {
  const count = piece.sequences.length;
  const [first, last] = [piece.sequences[0] as number, piece.sequences[count - 1] as number];
  // What is not settled only shrinks, so no other part of the piece ever has the same ends and the same count.
  const part = count === piece.total ? "" : `.${first}-${last}-${count}`;
  return {
    stream: stream.id,
    organization: stream.organization,
    key: `${encodeURIComponent(stream.id)}/${window.after + 1}-${window.through}/${piece.index}${part}`,
    hour: piece.hour,
    firstSequence: first,
    lastSequence: last,
    count,
    earliest: piece.times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY),
    latest: piece.times[count - 1] as number,
    sequences: piece.sequences,
    times: piece.times,
    sizes: piece.sizes,
    body: piece.body,
    encoding,
  };
}

/** A sink's own time limit should come first: its result says more than that the time was over. */
const graceMs = 5000;

/** What a request is made with. */
export interface RequestContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly attempt: number;
  readonly requestTimeoutMs: number;
}

/**
 * Calls `deliver` with a time limit, and turns a throw into a result; undefined when the signal was aborted. A sink has
 * finer limits of its own; this one holds even for a sink that forgot, or that does not listen when it is told to stop.
 */
export function deliverChunk(sink: Sink, chunk: Chunk, context: RequestContext): Promise<DeliveryResult | undefined> {
  return callSink(sink, chunk.stream, (delivery) => sink.deliver(chunk, delivery), context);
}

/** The same of any request that a sink makes for a stream. */
export async function callSink(
  sink: Pick<Sink, "name" | "limits">,
  stream: string,
  call: (context: DeliveryContext) => Promise<DeliveryResult>,
  context: RequestContext,
): Promise<DeliveryResult | undefined> {
  const { signal, clock, attempt, logger } = context;
  const { timeoutMs } = sink.limits;
  const requestTimeoutMs = Math.max(context.requestTimeoutMs, timeoutMs === undefined ? 0 : timeoutMs + graceMs);
  if (signal.aborted) return undefined;
  const limit = new AbortController();
  const onAbort = (): void => limit.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const late = new HeadgateError(
    "destination_timeout",
    `The destination did not answer within ${requestTimeoutMs / 1000} s.`,
  );
  const cancel = clock.after(requestTimeoutMs, () => limit.abort(late));
  try {
    return withWait(
      await Promise.race([
        call({ signal: limit.signal, attempt, logger }),
        new Promise<never>((_resolve, reject) => {
          limit.signal.addEventListener("abort", () => reject(limit.signal.reason as Error), { once: true });
        }),
      ]),
    );
  } catch (error) {
    if (signal.aborted) return undefined;
    const failure = limit.signal.aborted ? { code: late.code, message: late.message } : thrown(sink.name, error);
    if (!limit.signal.aborted) {
      logger.error("a sink threw instead of answering", {
        stream,
        sink: sink.name,
        error: failure.message,
      });
    }
    return { status: "retry", error: failure };
  } finally {
    cancel();
    signal.removeEventListener("abort", onAbort);
  }
}

/** A sink may have made its wait of a header that holds no number: what is no time is not waited for. */
function withWait(result: DeliveryResult): DeliveryResult {
  if (!("afterMs" in result) || Number.isFinite(result.afterMs)) return result;
  const { afterMs: _, ...rest } = result;
  return rest;
}

/** An error's own words may quote a request: only Headgate's errors are known to be fit for showing. */
function thrown(sink: string, error: unknown): SinkFailure {
  if (isHeadgateError(error))
    return { code: error.code, message: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
  const name = error instanceof Error ? error.name : typeof error;
  return { code: "internal", message: `The ${sink} sink failed unexpectedly (${name}).` };
}
