import type { DeliveryReport } from "./observer.ts";
import { keptDeliveries, type StoredDelivery } from "./store.ts";

/** The history of deliveries in memory. */
export interface MemoryDeliveries {
  readonly add: (reports: readonly DeliveryReport[]) => void;
  readonly list: (
    stream: string,
    page?: { readonly before?: number; readonly limit?: number },
  ) => readonly StoredDelivery[];
  readonly trim: (before: number) => void;
  readonly delete: (stream: string) => void;
}

/** Makes an empty history of the streams that exist. */
export function memoryDeliveries(exists: (stream: string) => boolean): MemoryDeliveries {
  const kept = new Map<string, StoredDelivery[]>();
  let number = 0;
  return {
    add(reports) {
      for (const report of reports) {
        if (!exists(report.stream)) continue;
        const history = kept.get(report.stream) ?? [];
        kept.set(report.stream, history);
        number += 1;
        history.push({ ...report, number });
        if (history.length > keptDeliveries) history.shift();
      }
    },
    list: (stream, { before = Number.POSITIVE_INFINITY, limit } = {}) =>
      (kept.get(stream) ?? [])
        .filter((delivery) => delivery.number < before)
        .toReversed()
        .slice(0, limit),
    trim(before) {
      for (const [stream, history] of kept) {
        kept.set(
          stream,
          history.filter(({ at }) => at >= before),
        );
      }
    },
    delete: (stream) => void kept.delete(stream),
  };
}
