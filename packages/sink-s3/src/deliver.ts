import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { PutObjectCommandOutput } from "@aws-sdk/client-s3";
import type { Chunk, Clock, DeliveryContext, DeliveryResult, EncodedObject, SinkFailure } from "@headgate/core";
import { encodeObject, hourPartition } from "@headgate/core";
import type { StreamAccess } from "./access.ts";
import { readAwsError, retryAfterMs } from "./aws-error.ts";
import type { BaseCredentials } from "./base-credentials.ts";
import { encryptionFailure } from "./encryption.ts";
import { sinkFailure } from "./failure.ts";
import { putRequest } from "./put-request.ts";
import { s3Faults, s3Rule } from "./s3-faults.ts";
import type { Session, SessionSource } from "./session.ts";
import type { S3Settings } from "./settings.ts";
import { stsRule } from "./sts-faults.ts";

/** What is remembered of a chunk between attempts, for as long as core keeps the chunk. */
interface ChunkState {
  /** Compressed and hashed once, however often the chunk is sent. */
  object?: Promise<EncodedObject>;
  /** The key exists, perhaps with another encryption than asked for: write it again and look at the reply. */
  overwrite?: boolean;
  /** The server has said once that the bytes were damaged on the way. */
  damaged?: boolean;
}

/** One request. */
interface Attempt {
  readonly chunk: Chunk;
  readonly state: ChunkState;
  readonly object: EncodedObject;
  readonly sessions: SessionSource;
  readonly session: Session;
}

/** What delivery works with. */
export interface DeliveryParts {
  readonly settings: S3Settings;
  readonly access: StreamAccess;
  readonly base: BaseCredentials;
  readonly clock: Clock;
}

/**
 * The `deliver` of an S3 sink: one PutObject, conditional on the key being free. Keys name their content, so a key that
 * is taken (412) is a chunk that is in: an earlier attempt stored it and its reply was lost.
 *
 * With encryption to be checked, 412 proves less: the object may be one whose reply showed the wrong encryption. AWS
 * applies what the headers say or refuses, so there only chunks that this process saw stored wrongly are written again;
 * other servers are asked again always. The repeat is unconditional: same key, same bytes, and its reply is checked.
 */
export function deliverer(parts: DeliveryParts): (chunk: Chunk, context: DeliveryContext) => Promise<DeliveryResult> {
  const { settings, access, base, clock } = parts;
  const { destination } = settings;
  const states = new WeakMap<Chunk, ChunkState>();
  let baseRefused = false;

  function stateOf(chunk: Chunk): ChunkState {
    const state = states.get(chunk) ?? {};
    states.set(chunk, state);
    return state;
  }

  async function encoded(chunk: Chunk, state: ChunkState): Promise<EncodedObject> {
    state.object ??= encodeObject(chunk);
    try {
      return await state.object;
    } catch (error) {
      delete state.object;
      throw error;
    }
  }

  function noSession(thrown: unknown): DeliveryResult {
    const error = readAwsError(thrown);
    const rule = stsRule(error);
    const failure = sinkFailure("STS", rule, error, destination);
    if (rule.action === "retry") return retry(failure, retryAfterMs(error));
    if (rule.action === "renew") {
      base.refused();
      if (!baseRefused) {
        baseRefused = true;
        return retry(failure, 0);
      }
    }
    return { status: "blocked", error: failure };
  }

  function answered(attempt: Attempt, reply: PutObjectCommandOutput): DeliveryResult {
    attempt.sessions.accepted(attempt.session);
    const failure = encryptionFailure(settings.encryption, reply, destination);
    if (failure === undefined) return { status: "delivered", receipt: attempt.object.key };
    attempt.state.overwrite = true;
    return { status: "blocked", error: failure };
  }

  function refused({ chunk, state, object, sessions, session }: Attempt, thrown: unknown): DeliveryResult {
    const error = readAwsError(thrown);
    // An unknown key id is how other servers than AWS speak of a session that is over.
    const sessionGone = error.name === "InvalidAccessKeyId" && session.identity.sessionToken !== undefined;
    const rule = sessionGone ? s3Faults["ExpiredToken"] : s3Rule(error);
    if (rule === undefined) throw thrown;
    const failure = sinkFailure("S3", rule, error, destination);
    const blocked: DeliveryResult = { status: "blocked", error: failure };
    switch (rule.action) {
      case "stored":
        sessions.accepted(session);
        if (settings.encryption === undefined || destination.aws) return { status: "delivered", receipt: object.key };
        state.overwrite = true;
        return retry(failure, 0);
      case "retry":
        return retry(failure, retryAfterMs(error));
      case "retry_once":
        if (state.damaged === true) return blocked;
        state.damaged = true;
        return retry(failure);
      case "renew":
        return sessions.refused(session) ? retry(failure, 0) : blocked;
      case "too_large":
        return chunk.count === 1
          ? { status: "rejected", indexes: [0], error: failure }
          : { status: "blocked", error: { ...failure, code: "destination_misconfigured" } };
      case "blocked":
        return blocked;
    }
  }

  return async (chunk, { signal }) => {
    signal.throwIfAborted();
    access.throwIfClosed();
    const state = stateOf(chunk);
    const object = await encoded(chunk, state);
    signal.throwIfAborted();
    const { client, sessions } = access.under(prefixOf(object.key, chunk));
    let session: Session;
    try {
      session = await abortable(sessions.current(), signal);
      baseRefused = false;
    } catch (error) {
      signal.throwIfAborted();
      return noSession(error);
    }
    const attempt = { chunk, state, object, sessions, session };
    const overwrite = state.overwrite === true;
    const request = putRequest(settings, { object, hour: chunk.hour, now: clock.now(), overwrite });
    try {
      return answered(attempt, await client.send(new PutObjectCommand(request), { abortSignal: signal }));
    } catch (error) {
      signal.throwIfAborted();
      return refused(attempt, error);
    }
  };
}

function retry(error: SinkFailure, afterMs?: number): DeliveryResult {
  return { status: "retry", error, ...(afterMs === undefined ? {} : { afterMs }) };
}

/** What stands before the hour in a key. */
function prefixOf(key: string, chunk: Chunk): string {
  return key.slice(0, key.lastIndexOf(hourPartition(chunk.earliest)));
}

/** The promise, or the signal's reason when it comes first. The work itself goes on: others may wait for it too. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
