import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Clock } from "./clock.ts";
import { HeadgateError } from "./errors.ts";
import { Secret } from "./secret.ts";

/**
 * A key that only ever wraps other keys, and may be kept where it cannot be read: in a key management service. What fails
 * here is tried again, and holds up the streams whose secrets it wraps.
 *
 * @example
 * ```ts
 * declare const kms: { encrypt(bytes: Uint8Array, about: string): Promise<Uint8Array>; decrypt(bytes: Uint8Array, about: string): Promise<Uint8Array> };
 * const key: WrappingKey = {
 *   wrap: (dataKey, context) => kms.encrypt(dataKey, context),
 *   unwrap: (wrapped, context) => kms.decrypt(wrapped, context),
 * };
 * ```
 */
export interface WrappingKey {
  /** `context` names what the key is for, without secrets: authenticated, where the service can do that. */
  wrap(dataKey: Uint8Array, context: string): Promise<Uint8Array>;
  unwrap(wrapped: Uint8Array, context: string): Promise<Uint8Array>;
}

const nonceBytes = 12;
const tagBytes = 16;
const answerMs = 10_000;

/** AES-256-GCM with a random nonce: nonce, text, tag. */
export function encrypted(key: Uint8Array, text: Uint8Array, about: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(about));
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

/** Throws whatever the cipher throws where the bytes were not encrypted with this key and for this. */
export function decrypted(key: Uint8Array, bytes: Uint8Array, about: string): Buffer {
  const opener = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(about))
    .setAuthTag(bytes.subarray(-tagBytes));
  return Buffer.concat([opener.update(bytes.subarray(nonceBytes, -tagBytes)), opener.final()]);
}

/** A wrapping key that this process holds. */
export function localKey(bytes: Uint8Array): WrappingKey {
  // What the key sealed itself, before there were data keys, must not open as a data key.
  const about = (context: string): string => `data key for ${context}`;
  return {
    wrap: async (dataKey, context) => encrypted(bytes, dataKey, about(context)),
    unwrap: async (wrapped, context) => decrypted(bytes, wrapped, about(context)),
  };
}

/** One kept elsewhere, whose every failure, and silence, has one name. @throws `key_unavailable` */
export function remoteKey(id: string, key: WrappingKey, clock: Clock): WrappingKey {
  async function answered(ask: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const late = Promise.withResolvers<never>();
    const cancel = clock.after(answerMs, () => late.reject(unavailable(id, "no answer in time")));
    try {
      return await Promise.race([ask(), late.promise]);
    } catch (error) {
      if (error instanceof HeadgateError && error.code === "key_unavailable") throw error;
      // Its message is the service's own: it may quote what it was asked.
      throw unavailable(id, error instanceof Error ? error.name : typeof error, error);
    } finally {
      cancel();
    }
  }
  return {
    wrap: (dataKey, context) => answered(async () => key.wrap(dataKey, context)),
    unwrap: (wrapped, context) => answered(async () => key.unwrap(wrapped, context)),
  };
}

/** 32 bytes, as they are or as text. @throws `config_invalid` */
export function keyBytes(id: string, key: Uint8Array | Secret): Uint8Array {
  const text = key instanceof Secret ? key.reveal().trim() : undefined;
  const bytes =
    text === undefined ? (key as Uint8Array) : Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? "hex" : "base64");
  if (bytes.length === 32) return bytes;
  throw new HeadgateError("config_invalid", `The key "${id}" must be 32 bytes, not ${bytes.length}.`, {
    hint: "Make one with: headgate keys new",
  });
}

function unavailable(id: string, why: string, cause?: unknown): HeadgateError {
  return new HeadgateError("key_unavailable", `The key "${id}", which is kept elsewhere, cannot be used: ${why}.`, {
    hint: "See whether the service that keeps it answers, and allows this process to encrypt and decrypt with it.",
    ...(cause !== undefined && { cause }),
  });
}
