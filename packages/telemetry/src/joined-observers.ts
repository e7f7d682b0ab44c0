import type { DeliveryObserver } from "@headgate/core";

/**
 * One observer that tells several, in order. What one of them throws keeps the others from nothing; the first such error
 * is thrown once all have been told.
 *
 * @example
 * ```ts
 * const observer = joinedObservers(logDeliveries(silentLogger), createTracing().observer);
 * const headgate = createHeadgate({ store: memoryStore(), sinks: [], observer });
 * ```
 */
export function joinedObservers(...observers: readonly DeliveryObserver[]): DeliveryObserver {
  function tell(how: (observer: DeliveryObserver) => void): void {
    const errors: unknown[] = [];
    for (const observer of observers) {
      try {
        how(observer);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
  return {
    delivery: (report) => tell((observer) => observer.delivery?.(report)),
    health: (stream, health) => tell((observer) => observer.health?.(stream, health)),
  };
}
