import type { AlertChannel, AlertDispatch, AlertResult } from "./alert.ts";
import type { AlertBook, OutboxEntry } from "./alert-book.ts";
import { backoff, type RetryPolicy } from "./backoff.ts";
import type { Clock, Random } from "./clock.ts";
import { isHeadgateError } from "./errors.ts";
import { linkedSignal } from "./linked-signal.ts";
import type { Logger } from "./logger.ts";
import { hourMs } from "./time.ts";

/** Sends what is due, and resolves when each of it has been tried; channels that an earlier call is still busy with are left to it. */
export type AlertOutbox = (signal: AbortSignal) => Promise<void>;

/** One attempt takes no longer, in ms, whatever a channel's own limits. */
const attemptMs = 30_000;
/** After so long a notification is given up: the next reminder says the same, and what is true by then. */
const giveUpMs = 24 * 60 * 60_000;
/** No wait is longer, whatever a channel asks for; one that looks longer is of a clock that was ahead. */
const longestWaitMs = hourMs;
const retries: RetryPolicy = { baseMs: 10_000, capMs: 900_000, blockedMs: 0 };

/**
 * Tries the notifications that wait, each channel's one after another, the channels beside each other: one that hangs
 * holds up itself alone. A notification that was sent, but whose result could not be stored, is sent again under its id.
 */
export function createAlertOutbox({
  book,
  channels,
  clock,
  random,
  logger,
}: {
  readonly book: AlertBook;
  readonly channels: ReadonlyMap<string, AlertChannel>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}): AlertOutbox {
  /** Whether it is over, be it well or not. */
  async function attempt(entry: OutboxEntry, signal: AbortSignal): Promise<boolean> {
    const { notification, channel, attempts } = entry.dispatch;
    const result = await notify(channels.get(channel), entry.dispatch, signal);
    if (signal.aborted && result.status !== "delivered") return false;
    const at = clock.now();
    const tried = { notification, channel, attempts: attempts + 1, at };
    const message = result.status === "delivered" ? {} : { message: result.message };
    const over = result.status === "retry" && at - notification.at >= giveUpMs;
    let dispatch: AlertDispatch;
    if (result.status === "retry" && !over) {
      const nextAttemptAt = at + Math.min(backoff(retries, attempts + 1, result.afterMs, random), longestWaitMs);
      dispatch = { ...tried, ...message, status: "pending", nextAttemptAt };
    } else dispatch = { ...tried, ...message, status: result.status === "delivered" ? "delivered" : "failed" };
    if (result.status !== "delivered") {
      const { status } = dispatch;
      logger.warn("an alert could not be delivered", { alert: notification.alert.id, channel, status, ...message });
    }
    await book.attempted(entry, dispatch);
    return dispatch.status !== "pending";
  }

  async function notify(
    channel: AlertChannel | undefined,
    { notification }: AlertDispatch,
    signal: AbortSignal,
  ): Promise<AlertResult> {
    if (channel === undefined) return { status: "failed", message: "There is no channel of this name any more." };
    const limit = new AbortController();
    const cancel = clock.after(attemptMs, () => limit.abort());
    using either = linkedSignal(signal, limit.signal);
    const stopped = new Promise<AlertResult>((resolve) => {
      const message = `The channel did not answer within ${attemptMs / 1000} s.`;
      either.signal.addEventListener("abort", () => resolve({ status: "retry", message }), { once: true });
    });
    try {
      return await Promise.race([channel.notify(notification, { signal: either.signal }), stopped]);
    } catch (error) {
      // What is thrown may hold an address with a secret in it: only our own messages are known not to.
      const message = isHeadgateError(error)
        ? error.message
        : `The channel failed (${error instanceof Error ? error.name : typeof error}).`;
      return { status: "retry", message };
    } finally {
      cancel();
    }
  }

  /** Channels with attempts under way. */
  const busy = new Set<string>();

  return async (signal) => {
    const due = new Map<string, OutboxEntry[]>();
    const now = clock.now();
    /** Alerts, by channel, with a notification that waits: what comes after it waits as well, or an end could overtake its beginning. */
    const held = new Set<string>();
    for await (const entry of book.outbox()) {
      const { channel, nextAttemptAt = 0, notification } = entry.dispatch;
      const place = `${notification.alert.id}/${channel}`;
      if (nextAttemptAt > now && nextAttemptAt - now <= longestWaitMs) held.add(place);
      if (held.has(place) || busy.has(channel)) continue;
      const waiting = due.get(channel) ?? [];
      due.set(channel, waiting);
      waiting.push(entry);
    }
    await Promise.all(
      [...due].map(async ([channel, entries]) => {
        if (busy.has(channel)) return;
        busy.add(channel);
        try {
          const waiting = new Set<string>();
          for (const entry of entries) {
            const { id } = entry.dispatch.notification.alert;
            if (signal.aborted || waiting.has(id)) continue;
            if (!(await attempt(entry, signal))) waiting.add(id);
          }
        } finally {
          busy.delete(channel);
        }
      }),
    );
  };
}
