import { createHash } from "node:crypto";
import type { DeliveryResult, Secret, Sink, SinkContext, SinkDefinition, SinkFailure } from "@headgate/core";
import { digestKey, HeadgateError, secret } from "@headgate/core";
import type { MemoryDestination, MemoryReply } from "./memory-destination.ts";
import { memoryDestination } from "./memory-destination.ts";

/** Options of a memory sink. */
export interface MemorySinkOptions {
  /** @default the token of a `memoryDestination()` that was given none */
  readonly token?: Secret;
  /** Account at the destination, in any case of letters: one organization's alone. */
  readonly account?: string;
  /** How long to wait for an answer, in ms. @default 30000 */
  readonly timeoutMs?: number;
}

/**
 * A sink that keeps its events in a {@link MemoryDestination}: the smallest one that keeps every promise, to test with
 * and to learn from.
 *
 * @example
 * ```ts
 * const destination = memoryDestination();
 * const sink = memorySink(destination).create({}, sinkContext());
 * await sink.deliver(chunkOf(sink, auditEvents(3)), deliveryContext());
 * destination.received(); // one batch of three events
 * ```
 */
export function memorySink(
  destination: MemoryDestination = memoryDestination(),
): SinkDefinition<"memory", MemorySinkOptions> {
  return {
    type: "memory",
    schema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      additionalProperties: false,
      properties: {
        token: { type: "string" },
        account: { type: "string" },
        timeout_ms: { type: "integer", minimum: 1 },
      },
    },
    fromConfig: ({ token, account, timeout_ms }) => ({
      ...(account === undefined ? {} : { account: account as string }),
      ...(token === undefined ? {} : { token: secret(token as string | Secret) }),
      ...(timeout_ms === undefined ? {} : { timeoutMs: timeout_ms as number }),
    }),
    tenancy: ({ account }) => account?.toLowerCase(),
    create: (options, context) => createMemorySink(destination, options, context),
  };
}

function createMemorySink(destination: MemoryDestination, options: MemorySinkOptions, context: SinkContext): Sink {
  const { token = secret("memory-token"), timeoutMs = 30_000 } = options;
  let closed = false;

  // One request. What the destination says, and what the connection does, becomes data; only the caller's own abort is
  // thrown on, and whatever nobody thought of.
  async function put(name: string, body: Uint8Array, signal: AbortSignal): Promise<DeliveryResult> {
    if (closed) throw new HeadgateError("sink_closed", `The memory sink of ${context.stream} has been disposed of.`);
    signal.throwIfAborted();
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const either = AbortSignal.any([signal, limit]);
      const reply = await destination.put(name, body, { token: token.reveal(), signal: either });
      return outcomeOf(reply, name);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (limit.aborted) return retry(failures.silent);
      if (error instanceof Error && "code" in error) return retry(failures.unreachable);
      throw error;
    }
  }

  return {
    name: "memory",
    acknowledgement: "stored",
    partition: "hour",
    host: "memory",
    limits: { maxEvents: 10_000, maxBytes: 4 * 1024 * 1024, maxEventBytes: 1024 * 1024, concurrency: 8 },
    flush: { maxAgeMs: 5000, maxBytes: 4 * 1024 * 1024, maxEvents: 10_000 },
    encoding: "ndjson/1",

    // The chunk's key names the object: a repeat finds it there and changes nothing.
    async deliver(chunk, { signal }) {
      const result = await put(chunk.key, chunk.body, signal);
      if (result.status !== "delivered") return result;
      const hash = (algorithm: string): string => createHash(algorithm).update(chunk.body).digest("hex");
      const object = { key: chunk.key, sha1: hash("sha1"), sha256: hash("sha256"), bytes: chunk.body.length };
      return { ...result, object };
    },

    digests: {
      key: (chain, number) => digestKey({ prefix: "", ...chain }, number),
      deliver: ({ key, bytes }, { signal }) => put(key, bytes, signal),
    },

    async *verify({ signal }) {
      // An empty object takes the rights that a delivery takes, and holds no event.
      const outcome = await put("_verify", new Uint8Array(), signal);
      if (outcome.status === "delivered") yield { name: "write", status: "ok", detail: "An empty object was stored." };
      else yield { name: "write", status: "failed", detail: outcome.error.message, fix: outcome.error.hint ?? "" };
    },

    async [Symbol.asyncDispose]() {
      closed = true;
    },
  };
}

function outcomeOf(reply: MemoryReply, name: string): DeliveryResult {
  switch (reply.status) {
    case 200:
      return { status: "delivered", receipt: name, present: reply.present };
    case 401:
      return reply.expired ? retry(failures.expired) : blocked(failures.unknown);
    case 403:
      return blocked(failures.denied);
    case 404:
      return blocked(failures.missing);
    case 413:
      return blocked(failures.large);
    case 422:
      return { status: "rejected", error: failures.refused, indexes: reply.refused };
    case 429:
      return { ...retry(failures.busy), afterMs: reply.waitMs };
    case 503:
      return { ...retry(failures.failed), acceptedCount: reply.accepted };
    case 507:
      return retry(failures.full);
  }
}

function retry(error: SinkFailure): DeliveryResult & { readonly status: "retry" } {
  return { status: "retry", error };
}

function blocked(error: SinkFailure): DeliveryResult {
  return { status: "blocked", error };
}

const again = "Nothing to do yet: it is tried again.";
const failures = {
  silent: { code: "destination_timeout", message: "The destination did not answer in time.", hint: again },
  unreachable: { code: "destination_unreachable", message: "The connection to the destination broke.", hint: again },
  busy: { code: "destination_busy", message: "The destination asks to slow down.", hint: again },
  failed: { code: "destination_failed", message: "The destination reports a fault of its own.", hint: again },
  expired: { code: "credentials_expired", message: "The token has run out.", hint: again },
  full: { code: "disk_full", message: "The destination is full.", hint: "Make room in it." },
  unknown: { code: "credentials_invalid", message: "The destination does not know the token.", hint: "Correct it." },
  denied: { code: "access_denied", message: "The token may not write.", hint: "Allow the token to write." },
  missing: { code: "destination_missing", message: "There is no such destination.", hint: "Create it." },
  large: {
    code: "destination_misconfigured",
    message: "The destination takes no body of this size.",
    hint: "Let it take 4 MiB.",
  },
  refused: { code: "event_refused", message: "The destination refused events.", hint: "See the quarantine." },
} as const satisfies Readonly<Record<string, SinkFailure>>;
