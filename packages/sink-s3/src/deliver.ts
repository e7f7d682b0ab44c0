import { createHash } from "node:crypto";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { PutObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import type {
  Chunk,
  Clock,
  DeliveryContext,
  DeliveryResult,
  EncodedObject,
  OutgoingDigest,
  SinkFailure,
} from "@headgate/core";
import { anotherObject, digestFolder, encodeObject, hourOf, hourPartition } from "@headgate/core";
import type { StreamAccess } from "./access.ts";
import { readAwsError, retryAfterMs } from "./aws-error.ts";
import type { BaseCredentials } from "./base-credentials.ts";
import { encryptionFailure, overwriteDenied } from "./encryption.ts";
import { sinkFailure } from "./failure.ts";
import type { FaultRule } from "./fault-rule.ts";
import type { KeyState } from "./key-states.ts";
import { keyStates } from "./key-states.ts";
import { putRequest } from "./put-request.ts";
import { s3Faults, s3Rule } from "./s3-faults.ts";
import type { Session, SessionSource } from "./session.ts";
import type { S3Settings } from "./settings.ts";
import { stsRule } from "./sts-faults.ts";

/** An object that is to be stored: of a chunk, or a digest. */
interface Outgoing {
  readonly stream: string;
  readonly object: Pick<EncodedObject, "key" | "bytes" | "sha1" | "sha256" | "contentType" | "metadata">;
  /** What stands before the layout's folders in its key. */
  readonly prefix: string;
  /** Start of the UTC hour that it belongs to, Unix ms. */
  readonly hour: number | undefined;
  /** Events in it. */
  readonly count: number;
  /** Its key does not name its content. */
  readonly once?: true;
  /** What is under its key is the same bytes, encrypted otherwise than asked. */
  readonly created?: true;
}

/** One `deliver` call. */
interface Attempt extends Outgoing {
  readonly context: DeliveryContext;
  readonly state: KeyState;
  readonly client: S3Client;
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

/** Stores objects. */
export interface Deliverer {
  readonly deliver: (chunk: Chunk, context: DeliveryContext) => Promise<DeliveryResult>;
  readonly deliverDigest: (digest: OutgoingDigest, context: DeliveryContext) => Promise<DeliveryResult>;
}

/**
 * The `deliver` of an S3 sink: one PutObject, conditional on the key being free. Keys name their content, so a key that
 * is taken (412) is a chunk that is in: an earlier attempt stored it and its reply was lost.
 *
 * Where encryption is asked for, 412 proves less: that earlier reply may have shown the wrong encryption, to this process
 * or to one before it. So the object is written again in the same call, unconditionally, same key and same bytes, and
 * the reply to that counts. A bucket with versions keeps both. A bucket policy may deny such a write: see `unconfirmed`.
 *
 * A digest's key does not name its content, and what is there may be the digest of another life of the store. So one is written
 * over only after a reply, to this process or to one before it, has said that the key was free and the encryption is wrong.
 */
export function deliverer(parts: DeliveryParts): Deliverer {
  const { settings, access, base, clock } = parts;
  const { destination } = settings;
  const states = keyStates();

  function noSession(state: KeyState, thrown: unknown): DeliveryResult {
    const error = readAwsError(thrown);
    const rule = stsRule(error);
    const failure = sinkFailure("STS", rule, error, destination);
    if (rule.action === "retry") return retry(failure, retryAfterMs(error));
    if (rule.action === "renew") {
      if (settings.credentials.kind !== "webIdentity") base.refused();
      if (state.baseRefused !== true) {
        state.baseRefused = true;
        return retry(failure, 0);
      }
    }
    return { status: "blocked", error: failure };
  }

  function answered(attempt: Attempt, reply: PutObjectCommandOutput): DeliveryResult {
    attempt.sessions.accepted(attempt.session);
    const failure = encryptionFailure(settings.encryption, reply, destination);
    if (failure === undefined) return delivered(attempt);
    attempt.state.mismatched = true;
    attempt.state.overwrite = true;
    return { status: "blocked", error: failure, ...(attempt.once && { created: true }) };
  }

  function refused(attempt: Attempt, thrown: unknown, overwrite: boolean): DeliveryResult | "taken" {
    const { object, state, sessions, session } = attempt;
    const error = readAwsError(thrown);
    // An unknown key id is how other servers than AWS speak of a session that is over.
    const sessionGone = error.name === "InvalidAccessKeyId" && session.identity.sessionToken !== undefined;
    const found = sessionGone ? s3Faults["ExpiredToken"] : s3Rule(error);
    const rule = found?.action === "stored" && overwrite ? conditionInvented : found;
    if (rule === undefined) throw thrown;
    const failure = sinkFailure("S3", rule, error, destination);
    const blocked: DeliveryResult = { status: "blocked", error: failure };
    switch (rule.action) {
      case "stored":
        sessions.accepted(session);
        return "taken";
      case "retry":
        return retry(failure, retryAfterMs(error));
      case "retry_once":
        if (state.damaged === true) return blocked;
        state.damaged = true;
        return retry(failure);
      case "renew":
        return sessions.refused(session) ? retry(failure, 0) : blocked;
      case "too_large":
        return tooLarge(failure, attempt, object);
      case "blocked":
        return blocked;
    }
  }

  async function put(attempt: Attempt, overwrite: boolean): Promise<DeliveryResult | "taken"> {
    const { signal } = attempt.context;
    const { object, hour } = attempt;
    const request = putRequest(settings, { object, hour, now: clock.now(), overwrite });
    try {
      return answered(attempt, await attempt.client.send(new PutObjectCommand(request), { abortSignal: signal }));
    } catch (error) {
      signal.throwIfAborted();
      return refused(attempt, error, overwrite);
    }
  }

  /** Two requests at most: after 412 the other kind of write, and after a denied overwrite too, for the key may be free by now. */
  async function store(attempt: Attempt): Promise<DeliveryResult> {
    const { state } = attempt;
    if (attempt.once === true && state.mismatched !== true) {
      const result = await put(attempt, false);
      if (result !== "taken") return result;
      // The next digest follows at once, and the reply to it tells how the bucket encrypts.
      if (settings.encryption !== undefined) warnOfDoubt(attempt);
      return { ...delivered(attempt), present: true };
    }
    const first = state.overwrite === true;
    for (const overwrite of [first, !first]) {
      const result = await put(attempt, overwrite);
      if (result === "taken") {
        if (settings.encryption === undefined) return delivered(attempt);
        state.overwrite = true;
      } else if (!overwrite || result.status !== "blocked" || result.error.code !== "access_denied") return result;
    }
    return unconfirmed(attempt);
  }

  /**
   * The key is taken and may not be written over, such as in a bucket whose policy wants If-None-Match. AWS encrypts as
   * the headers say or refuses, so there the object counts, unless its own reply said otherwise; elsewhere it does not.
   */
  function unconfirmed(attempt: Attempt): DeliveryResult {
    const mismatched = attempt.state.mismatched === true;
    if (!destination.aws || mismatched) {
      return { status: "blocked", error: overwriteDenied(mismatched, attempt.object.key, destination) };
    }
    warnOfDoubt(attempt);
    return delivered(attempt);
  }

  function warnOfDoubt({ context, stream, object }: Attempt): void {
    const said = "an object's encryption cannot be confirmed: its reply was lost, and it may not be written over";
    context.logger.warn(said, { stream, key: object.key });
  }

  async function attemptOf(outgoing: Outgoing, context: DeliveryContext): Promise<DeliveryResult> {
    const { signal } = context;
    const state = states.of(outgoing.object.key);
    if (outgoing.created === true) state.mismatched = state.overwrite = true;
    const { client, sessions } = access.under(outgoing.prefix);
    let session: Session;
    try {
      session = await abortable(sessions.current(), signal);
      state.baseRefused = false;
    } catch (error) {
      signal.throwIfAborted();
      return noSession(state, error);
    }
    return await store({ ...outgoing, context, state, client, sessions, session });
  }

  async function send(outgoing: Outgoing, context: DeliveryContext): Promise<DeliveryResult> {
    context.signal.throwIfAborted();
    const { key } = outgoing.object;
    const result = await attemptOf(outgoing, context);
    if (result.status === "delivered" || result.status === "rejected") {
      states.drop(key);
      return result;
    }
    const state = states.of(key);
    const atOnce = result.status === "retry" && result.afterMs === 0;
    const again = atOnce && state.hurried === true;
    state.hurried = atOnce;
    return again ? retry(result.error) : result;
  }

  return {
    async deliver(chunk, context) {
      context.signal.throwIfAborted();
      access.throwIfClosed();
      const { stream, hour, count, earliest } = chunk;
      const object = await encodeObject(chunk);
      const other = anotherObject(chunk, object);
      if (other !== undefined) return other;
      const prefix = object.key.slice(0, object.key.lastIndexOf(hourPartition(earliest)));
      const result = await send({ stream, object, prefix, hour, count }, context);
      if (result.status !== "delivered") return result;
      const { key, sha1, sha256, bytes } = object;
      return { ...result, object: { key, sha1, sha256, bytes: bytes.length } };
    },

    async deliverDigest({ stream, key, to, bytes, created }, context) {
      access.throwIfClosed();
      const hash = (algorithm: string): string => createHash(algorithm).update(bytes).digest("hex");
      const object = {
        key,
        bytes,
        sha1: hash("sha1"),
        sha256: hash("sha256"),
        contentType: "application/x-ndjson",
        metadata: { "headgate-stream": encodeURIComponent(stream) },
      } as const;
      const prefix = key.slice(0, key.lastIndexOf(`${digestFolder}${stream}/`));
      const outgoing = {
        stream,
        object,
        prefix,
        hour: hourOf(to),
        count: 1,
        once: true,
        ...(created && { created }),
      } as const;
      return await send(outgoing, context);
    },
  };
}

/** The same key was written without a condition. */
const conditionInvented: FaultRule = {
  action: "blocked",
  code: "destination_unexpected",
  says: "answers 412 to a write without a condition",
  hint: "Check that the endpoint is an S3 server and that no proxy adds If-None-Match to requests.",
};

/**
 * S3 takes 5 GB in one PUT (https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html), so the limit is
 * another server's or a proxy's. A sealed window keeps its cuts: only a higher limit lets an object of many events through.
 */
function tooLarge(failure: SinkFailure, { count }: Outgoing, { bytes }: Outgoing["object"]): DeliveryResult {
  const raise = `Raise the limit on request bodies (in nginx client_max_body_size) of the server, or of a proxy before it, to at least ${bytes.length} bytes`;
  if (count === 1) {
    const error = { ...failure, hint: `${raise} and retry the event, or discard it.` };
    return { status: "rejected", indexes: [0], error };
  }
  const hint = `${raise}: this object is sealed as it is, and goes through by itself then. Windows to come are smaller with a smaller flush.max_bytes.`;
  return { status: "blocked", error: { ...failure, code: "destination_misconfigured", hint } };
}

function delivered({ object }: Attempt): DeliveryResult & { readonly status: "delivered" } {
  return { status: "delivered", receipt: object.key };
}

function retry(error: SinkFailure, afterMs?: number): DeliveryResult {
  return { status: "retry", error, ...(afterMs === undefined ? {} : { afterMs }) };
}

/** The promise, or the signal's reason when it comes first. The work itself goes on: others may wait for it too. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
