import { createHmac, hkdfSync } from "node:crypto";
import { HeadgateError } from "./errors.ts";
import { Secret } from "./secret.ts";

/** Pseudonyms of one organization under one key: the same value always gets the same one. */
export type Pseudonymiser = (value: string, kind: "text" | "json") => string;

/** Keyed hashes of values, to put in their place. Made by {@link hmacPseudonyms}. */
export interface Pseudonyms {
  /** Id of the key that new windows use. */
  readonly current: string;
  /** Undefined where there is no key of this id. */
  under(key: string, organization: string): Pseudonymiser | undefined;
}

/** Options of {@link hmacPseudonyms}. */
export interface PseudonymOptions {
  /** 32 bytes each, by an id of 1–32 letters, digits, hyphens. As text: 64 hexadecimal digits or 44 characters of base64. */
  readonly keys: Readonly<Record<string, Uint8Array | Secret>>;
  /** Id of the key that new windows use. With another key every value gets another pseudonym. @default the only one */
  readonly current?: string;
}

const pseudonymBytes = 24;

/**
 * HMAC-SHA-256 under a key of the organization's own, which HKDF derives from the platform's: a pseudonym says nothing
 * without the key, and the same value has another pseudonym in another organization. Written as `hmac:` and 32
 * characters of base64url, which are the first 192 bits. A text and a JSON value of the same spelling differ.
 *
 * @throws `config_invalid` where a key is not 32 bytes, or `current` names none of them
 * @example
 * ```ts
 * const pseudonyms = hmacPseudonyms({ keys: { "2026-11": secret(process.env["HEADGATE_PSEUDONYM_KEY"] ?? "") } });
 * ```
 */
export function hmacPseudonyms({ keys, current = onlyOne(keys) }: PseudonymOptions): Pseudonyms {
  const known = new Map(Object.entries(keys).map(([id, key]) => [id, bytesOf(id, key)]));
  if (!known.has(current)) throw new HeadgateError("config_invalid", `There is no pseudonym key "${current}".`);
  return {
    current,
    under(id, organization) {
      const key = known.get(id);
      if (key === undefined) return undefined;
      const own = Buffer.from(hkdfSync("sha256", key, "", `headgate pseudonyms v1\0${organization}`, 32));
      return (value, kind) => {
        const mac = createHmac("sha256", own).update(`${kind}\0`).update(value).digest();
        return `hmac:${mac.toString("base64url", 0, pseudonymBytes)}`;
      };
    },
  };
}

function onlyOne(keys: PseudonymOptions["keys"]): string {
  const ids = Object.keys(keys);
  if (ids.length === 1) return ids[0] as string;
  throw new HeadgateError("config_invalid", "Of several pseudonym keys, one must be named as the current one.", {
    hint: "Set current to the id of a key.",
  });
}

function bytesOf(id: string, key: Uint8Array | Secret): Uint8Array {
  if (!/^[A-Za-z0-9-]{1,32}$/.test(id))
    throw new HeadgateError("config_invalid", "A pseudonym key's id must be 1 to 32 letters, digits and hyphens.");
  const text = key instanceof Secret ? key.reveal().trim() : undefined;
  const bytes =
    text === undefined
      ? new Uint8Array(key as Uint8Array)
      : Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? "hex" : "base64");
  if (bytes.length === 32) return bytes;
  throw new HeadgateError("config_invalid", `The pseudonym key "${id}" must be 32 bytes, not ${bytes.length}.`, {
    hint: "Make one with: openssl rand -hex 32",
  });
}
