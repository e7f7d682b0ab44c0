import { randomBytes } from "node:crypto";
import { type Clock, systemClock } from "./clock.ts";
import { createDataKeys } from "./data-keys.ts";
import { HeadgateError, isHeadgateError } from "./errors.ts";
import { Secret } from "./secret.ts";
import { decrypted, encrypted, keyBytes, localKey, remoteKey, type WrappingKey } from "./wrapping-key.ts";

/** Seals secrets so that a store may keep them. `about` names what a secret belongs to: sealed for one thing, it opens for no other. */
export interface Vault {
  /** @throws `key_unavailable` */
  seal(secret: Secret, about: string): Promise<string>;
  /** @throws `secret_unreadable`, `key_unavailable` */
  open(sealed: string, about: string): Promise<Secret>;
  /** The same secret under the key that seals now; the text as it is, where that is the key already. @throws `secret_unreadable`, `key_unavailable` */
  rotate(sealed: string, about: string): Promise<string>;
}

/** Options of {@link aesVault}. */
export interface AesVaultOptions {
  /**
   * Keys that wrap the secrets' own keys: 32 bytes each, or one that is kept elsewhere, by the id that is stored beside
   * what they wrapped: 1–32 letters, digits, hyphens.
   */
  readonly keys: Readonly<Record<string, Uint8Array | Secret | WrappingKey>>;
  /** Id of the key that seals from now on; the others only open. @default the only one */
  readonly current?: string;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

interface KnownKey {
  readonly wrapping: WrappingKey;
  /** Where this process holds it: what it sealed before there were data keys still opens. */
  readonly bytes?: Uint8Array;
}

/** Keys that are kept elsewhere are asked for the same data key once in so long, and so many are remembered. */
const remembered = { most: 1000, keptMs: 5 * 60_000 };

/**
 * Envelope encryption: each secret is sealed with AES-256-GCM under a data key of its own, and the data key is wrapped by
 * one of `keys`. A new key needs only the data keys wrapped anew. A key as text is 64 hexadecimal digits or 44 characters
 * of base64.
 *
 * @throws `config_invalid` where a key is not 32 bytes, or `current` names none of them
 * @example
 * ```ts
 * const vault = aesVault({ keys: { "2026-11": secret(process.env["HEADGATE_SECRETS_KEY"] ?? "") } });
 * const headgate = createHeadgate({ store, sinks: [splunkSink()], vault });
 * ```
 */
export function aesVault(options: AesVaultOptions): Vault {
  const { keys, current = Object.keys(keys)[0] ?? "", clock = systemClock } = options;
  const known = new Map(Object.entries(keys).map(([id, key]) => [id, knownKey(id, key, clock)]));
  const dataKeys = createDataKeys(clock, remembered);
  const now = known.get(current);
  if (now === undefined) throw new HeadgateError("config_invalid", `There is no key "${current}" to seal with.`);
  const wrapping = now.wrapping;

  async function sealedText(dataKey: Uint8Array, payload: string, about: string): Promise<string> {
    const wrapped = Buffer.from(await wrapping.wrap(dataKey, about)).toString("base64url");
    return `v2.${current}.${wrapped}.${payload}`;
  }

  async function seal(secret: Secret, about: string): Promise<string> {
    const dataKey = randomBytes(32);
    const payload = encrypted(dataKey, Buffer.from(secret.reveal()), about).toString("base64url");
    return sealedText(dataKey, payload, about);
  }

  async function dataKeyOf({ id, wrapped }: SealedText, about: string): Promise<Uint8Array> {
    const { wrapping: key, bytes } = keyOf(id);
    const unwrap = (): Promise<Uint8Array> => key.unwrap(Buffer.from(wrapped, "base64url"), about);
    return readable(() =>
      bytes === undefined ? dataKeys.get(JSON.stringify([id, wrapped, about]), unwrap) : unwrap(),
    );
  }

  function keyOf(id: string): KnownKey {
    const key = known.get(id);
    if (key !== undefined) return key;
    throw unreadable(`it was sealed with the key "${id.slice(0, 32)}", which is not configured`);
  }

  async function open(sealed: string, about: string): Promise<Secret> {
    const text = parsed(sealed);
    const key = text.version === 1 ? keyOf(text.id).bytes : await dataKeyOf(text, about);
    if (key === undefined) throw unreadable("a key that is kept elsewhere cannot have sealed it");
    return readable(
      async () => new Secret(decrypted(key, Buffer.from(text.payload, "base64url"), about).toString("utf8")),
    );
  }

  return {
    seal,
    open,
    async rotate(sealed, about) {
      const text = parsed(sealed);
      if (text.version === 1) return seal(await open(sealed, about), about);
      if (text.id === current) return sealed;
      return sealedText(await dataKeyOf(text, about), text.payload, about);
    },
  };
}

/**
 * What a sealed text holds without the key around it: the same before and after a rotation, another one for another
 * secret. It tells nothing.
 */
export function sealedContent(sealed: string): string {
  return sealed.startsWith("v2.") ? (sealed.split(".")[3] ?? sealed) : sealed;
}

interface SealedText {
  readonly version: 1 | 2;
  /** Of the key that wrapped, or in version 1 sealed. */
  readonly id: string;
  /** The data key, wrapped, in base64url; empty in version 1. */
  readonly wrapped: string;
  /** The secret, sealed, in base64url. */
  readonly payload: string;
}

function parsed(sealed: string): SealedText {
  const parts = sealed.split(".");
  const [version, id = "", third = "", fourth = ""] = parts;
  if (version === "v1" && parts.length === 3) return { version: 1, id, wrapped: "", payload: third };
  if (version === "v2" && parts.length === 4) return { version: 2, id, wrapped: third, payload: fourth };
  throw unreadable("its form is not one that this version of Headgate knows");
}

function knownKey(id: string, key: Uint8Array | Secret | WrappingKey, clock: Clock): KnownKey {
  if (!/^[A-Za-z0-9-]{1,32}$/.test(id))
    throw new HeadgateError("config_invalid", "A key's id must be 1 to 32 letters, digits and hyphens.");
  if ("wrap" in key) return { wrapping: remoteKey(id, key, clock) };
  const bytes = keyBytes(id, key);
  return { wrapping: localKey(bytes), bytes };
}

async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isHeadgateError(error)) throw error;
    throw unreadable("it was altered, or belongs to something else");
  }
}

function unreadable(why: string): HeadgateError {
  return new HeadgateError("secret_unreadable", `A stored secret cannot be opened: ${why}.`, {
    hint: "Configure the key that sealed it, or enter the secret again.",
  });
}
