import type { Logger } from "./logger.ts";
import type { SinkFailure } from "./sink.ts";
import type { StreamHealth } from "./store.ts";

/** One request to a destination and what became of it. */
export interface DeliveryReport {
  readonly stream: string;
  readonly organization: string;
  /** Names the chunk. */
  readonly chunk: string;
  readonly status: "delivered" | "retry" | "rejected" | "split" | "blocked";
  /** When it ended, Unix ms. */
  readonly at: number;
  /** Events in the request. */
  readonly count: number;
  /** Events that the destination took. */
  readonly events: number;
  readonly quarantined: number;
  /** Of the chunk's body, before compression. */
  readonly bytes: number;
  /** How long the request took. */
  readonly ms: number;
  readonly attempt: number;
  /** How long before the request's end its oldest event was appended, in ms. */
  readonly ageMs: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly receipt?: string;
  readonly error?: SinkFailure;
}

/** Told of what happens; for progress, metrics and history. Should be quick. */
export interface DeliveryObserver {
  delivery?(report: DeliveryReport): void;
  health?(stream: string, health: StreamHealth): void;
}

/** An observer that cannot harm: what it throws is logged and goes no further. */
export function guardedObserver(observer: DeliveryObserver, logger: Logger): DeliveryObserver {
  const guard = (tell: () => void): void => {
    try {
      tell();
    } catch (error) {
      logger.error("an observer threw", { error: error instanceof Error ? error.name : typeof error });
    }
  };
  return {
    delivery: (report) => guard(() => observer.delivery?.(report)),
    health: (stream, health) => guard(() => observer.health?.(stream, health)),
  };
}
