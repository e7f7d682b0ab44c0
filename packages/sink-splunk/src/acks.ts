import { randomUUID } from "node:crypto";
import type { Clock, SinkFailure } from "@headgate/core";
import { sleep } from "@headgate/core";
import { HttpFailure } from "@headgate/egress";
import type { Endpoint } from "./endpoints.ts";
import { hecCodes } from "./hec-codes.ts";
import { ackOf, hecReply } from "./hec-reply.ts";
import { hecFailure } from "./verdict.ts";

/** A batch that the collector took and whose acknowledgement is awaited. */
export interface Batch {
  readonly endpoint: Endpoint;
  readonly channel: string;
  readonly ackId: number;
}

/**
 * What is known of a batch.
 * - `acked`: an indexer has it for good.
 * - `unknown`: it may come yet. Splunk says `false` of what is pending, expired, or another indexer's.
 * - `unanswered`: so too, because of trouble on the way or a collector that is busy.
 * - `lost`: nobody can tell any more.
 * - `barred`: the question itself is refused, until a person mends something.
 */
export type AckState =
  | { readonly kind: "acked" | "unknown" | "unanswered" | "lost" }
  | { readonly kind: "barred"; readonly error: SinkFailure };

const firstPollMs = 200;
const soonestPollMs = 20;
const growth = 1.5;
/** Well inside the 600 s after which an idle channel is forgotten (`maxIdleTime` of inputs.conf). */
const slowestPollMs = 5000;

/** Asks once. */
export async function askAck({ endpoint, channel, ackId }: Batch, signal: AbortSignal): Promise<AckState> {
  let sent: Awaited<ReturnType<Endpoint["send"]>>;
  try {
    sent = await endpoint.send({ path: "ack", body: Buffer.from(`{"acks":[${ackId}]}`), channel, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HttpFailure) return { kind: "unanswered" };
    throw error;
  }
  const { reply, moved } = sent;
  const acked = ackOf(reply, ackId);
  if (acked === true) return { kind: "acked" };
  // Another indexer knows nothing of the batch.
  if (moved) return { kind: "lost" };
  if (acked === false) return { kind: "unknown" };
  const code = hecReply(reply)?.code;
  const rule = code === undefined ? undefined : hecCodes[code];
  if (code === undefined || rule?.outcome !== "blocked" || reply.status < 400) return { kind: "unanswered" };
  return rule.code === "credentials_invalid" ? { kind: "barred", error: hecFailure(code, rule) } : { kind: "lost" };
}

/** Asks until a batch is acknowledged or lost, or the time is over. */
export type AckWait = (batch: Batch, ackMs: number, clock: Clock, signal: AbortSignal) => Promise<AckState>;

/**
 * The wait of one stream. It asks first a little before the last confirmation came, so that an indexer that takes a second
 * is not asked four times in it, and one that takes none keeps nobody waiting; then ever more rarely.
 */
export function ackWait(): AckWait {
  let firstMs = firstPollMs;
  return async (batch, ackMs, clock, signal) => {
    const began = clock.now();
    let waitMs = firstPollMs;
    for (let pauseMs = firstMs; ; pauseMs = waitMs, waitMs = Math.min(slowestPollMs, waitMs * growth)) {
      const leftMs = began + ackMs - clock.now();
      if (leftMs <= 0) return { kind: "unknown" };
      await sleep(clock, Math.min(pauseMs, leftMs), signal);
      const state = await askAck(batch, signal);
      if (state.kind === "acked") {
        firstMs = Math.min(slowestPollMs, Math.max(soonestPollMs, 0.7 * (clock.now() - began)));
      }
      if (state.kind !== "unknown" && state.kind !== "unanswered") return state;
    }
  };
}

/**
 * Whether acknowledgements are on for the token, as the collector says when it is asked for one; undefined where it does
 * not say. On a channel of its own: it says once that a batch is indexed, and this question must not take that from a
 * delivery.
 */
export async function acksEnabled(
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<{ readonly on: boolean | undefined; readonly reply: Awaited<ReturnType<Endpoint["send"]>>["reply"] }> {
  const { reply } = await endpoint.send({
    path: "ack",
    body: Buffer.from('{"acks":[0]}'),
    channel: randomUUID(),
    signal,
  });
  if (ackOf(reply, 0) !== undefined) return { on: true, reply };
  return { on: hecReply(reply)?.code === 14 ? false : undefined, reply };
}

/** What is said of a batch that no indexer has confirmed. */
export function unconfirmed(state: AckState["kind"], ackMs: number): SinkFailure {
  const message =
    state === "lost"
      ? "Splunk took the events, but whether an indexer has them cannot be asked any more: the channel or the indexer behind it has changed."
      : `Splunk took the events, but no indexer has confirmed them within ${ackMs / 1000} s.`;
  return {
    code: "acknowledgement_missing",
    message,
    hint: "They are sent again. If it lasts, look at the indexers' queues, and at the sticky sessions (by cookie) of a load balancer before them.",
  };
}
