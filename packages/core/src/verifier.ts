import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import type { Sink } from "./sink.ts";
import type { StreamRecord } from "./store.ts";
import { hourMs } from "./time.ts";
import { type Verification, verificationDue, verifyStream } from "./verification.ts";

/** A stream that a verifier may be asked about. */
export interface Verifiable {
  readonly record: StreamRecord;
  readonly sink: Sink;
}

/** Verifies streams in the background, a few at a time, beside their delivery. */
export interface Verifier {
  /**
   * Verifies the stream unless its last verification covers it: new streams, changed ones, and those whose last one
   * failed. One that fails is tried again by itself, a minute later at first and then with growing distance, up to an
   * hour: nobody else notices that its cause is gone. `again` verifies in any case; `soon` goes before those that are not,
   * for what somebody has just changed. A later call for the same id takes the place of an earlier one.
   */
  consider(
    stream: Verifiable,
    last: Verification | undefined,
    how?: { readonly again?: boolean; readonly soon?: boolean },
  ): void;
  /** Stops what is under way, or to come, for the stream. */
  forget(id: string): void;
  /** Stops everything. */
  stop(): void;
}

/** Verifications at a time: each makes a handful of requests, and a start may call for thousands of them. */
const concurrency = 4;

const firstRetryMs = 60_000;
const longestRetryMs = hourMs;

/** A {@link Verifier} that hands each result to `report`. */
export function createVerifier(options: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly report: (stream: string, verification: Verification) => Promise<void>;
}): Verifier {
  const { clock, logger, report } = options;
  const soonest = new Map<string, Verifiable>();
  const wanted = new Map<string, Verifiable>();
  const running = new Map<string, AbortController>();
  /** Those whose last verifications failed: how many in a row, and what calls off the next one. */
  const failing = new Map<string, { readonly times: number; readonly cancel: () => void }>();

  function tryLater(id: string, stream: Verifiable): void {
    const times = (failing.get(id)?.times ?? 0) + 1;
    const cancel = clock.after(Math.min(firstRetryMs * 2 ** (times - 1), longestRetryMs), () => {
      wanted.set(id, stream);
      pump();
    });
    failing.set(id, { times, cancel });
  }

  async function verify(id: string, stream: Verifiable, controller: AbortController): Promise<void> {
    const { record, sink } = stream;
    try {
      const verification = await verifyStream(sink, record, { clock, signal: controller.signal });
      if (verification === undefined || controller.signal.aborted) return;
      for (const { status, name, detail, fix } of verification.steps) {
        if (status === "failed") logger.warn("a stream's verification failed", { stream: id, step: name, detail, fix });
      }
      if (!verification.ok) tryLater(id, stream);
      else failing.delete(id);
      await report(id, verification);
    } catch (error) {
      logger.error("a verification could not be kept", {
        stream: id,
        error: error instanceof Error ? error.name : typeof error,
      });
    } finally {
      if (running.get(id) === controller) running.delete(id);
      pump();
    }
  }

  function pump(): void {
    for (const queue of [soonest, wanted]) {
      for (const [id, stream] of queue) {
        if (running.size >= concurrency) return;
        queue.delete(id);
        const controller = new AbortController();
        running.set(id, controller);
        void verify(id, stream, controller);
      }
    }
  }

  function forget(id: string): void {
    soonest.delete(id);
    wanted.delete(id);
    running.get(id)?.abort();
    running.delete(id);
    failing.get(id)?.cancel();
    failing.delete(id);
  }

  return {
    consider(stream, last, { again = false, soon = false } = {}) {
      const { id } = stream.record;
      if (stream.sink.verify === undefined || !(again || verificationDue(stream.record, last))) return;
      forget(id);
      (soon ? soonest : wanted).set(id, stream);
      pump();
    },
    forget,
    stop() {
      soonest.clear();
      wanted.clear();
      for (const id of [...running.keys(), ...failing.keys()]) forget(id);
    },
  };
}
