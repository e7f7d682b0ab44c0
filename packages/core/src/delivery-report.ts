import type { Logger } from "./logger.ts";
import type { DeliveryReport } from "./observer.ts";
import type { Chunk, DeliveryResult } from "./sink.ts";
import type { Store } from "./store.ts";

/** What a request came to, for history and observers. Times are Unix ms. */
export function reportOf(
  chunk: Chunk,
  result: DeliveryResult,
  known: {
    readonly began: number;
    readonly at: number;
    readonly attempt: number;
    /** When the chunk's oldest event was appended. */
    readonly appendedAt: number;
    readonly accepted: number;
    readonly quarantined: number;
  },
): DeliveryReport {
  const { began, at, attempt, appendedAt, accepted, quarantined } = known;
  return {
    stream: chunk.stream,
    organization: chunk.organization,
    chunk: chunk.key,
    status: result.status,
    at,
    count: chunk.count,
    events: accepted,
    quarantined,
    bytes: chunk.body.length,
    ms: at - began,
    attempt,
    ageMs: Math.max(0, at - appendedAt),
    firstSequence: chunk.firstSequence,
    lastSequence: chunk.lastSequence,
    ...(result.status === "delivered" ? { receipt: result.receipt } : { error: result.error }),
  };
}

/** What settled nothing belongs into the history too; but a history that cannot be written must not become the stream's failure. */
export async function keepReports(
  reports: readonly DeliveryReport[],
  { store, logger }: { readonly store: Store; readonly logger: Logger },
): Promise<void> {
  if (reports.length === 0) return;
  await store.deliveries.add(reports).catch((error: unknown) =>
    logger.warn("a stream's history could not be written", {
      stream: reports[0]?.stream,
      error: error instanceof Error ? error.name : typeof error,
    }),
  );
}
