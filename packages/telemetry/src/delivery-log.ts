import type { DeliveryObserver, LogFields, Logger } from "@headgate/core";

/**
 * Logs every request with its stream and its chunk: what was delivered at level debug, everything else at level info,
 * because of a stream that fails Headgate itself warns. Names, numbers and an error's code; no event, and nothing that a
 * destination wrote but its receipt.
 *
 * @example
 * ```ts
 * const logger = silentLogger;
 * const headgate = createHeadgate({ store: memoryStore(), sinks: [], logger, observer: logDeliveries(logger) });
 * ```
 */
export function logDeliveries(logger: Logger): DeliveryObserver {
  return {
    delivery(report) {
      const { stream, chunk, status, count, events, quarantined, bytes, ms, attempt, error } = report;
      const fields: LogFields = {
        stream,
        chunk,
        status,
        first_sequence: report.firstSequence,
        last_sequence: report.lastSequence,
        events: count,
        delivered: events,
        quarantined,
        bytes,
        ms: Math.round(ms),
        attempt,
        ...(report.receipt !== undefined && { receipt: report.receipt }),
        ...(error !== undefined && { code: error.code }),
      };
      if (status === "delivered") logger.debug("a request was delivered", fields);
      else logger.info("a request was not delivered", fields);
    },
  };
}
