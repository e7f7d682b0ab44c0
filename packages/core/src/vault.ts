import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { HeadgateError } from "./errors.ts";
import { Secret } from "./secret.ts";

/** Seals secrets so that a store may keep them. `about` names what a secret belongs to: sealed for one thing, it opens for no other. */
export interface Vault {
  seal(secret: Secret, about: string): string;
  /** @throws `secret_unreadable` */
  open(sealed: string, about: string): Secret;
}

/** Options of {@link aesVault}. */
export interface AesVaultOptions {
  /** 32 bytes each, by the id that is stored beside what they sealed: 1–32 letters, digits, hyphens. */
  readonly keys: Readonly<Record<string, Uint8Array | Secret>>;
  /** Id of the key that seals from now on; the others only open. @default the only one */
  readonly current?: string;
}

const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM with a random nonce per secret. A key as text is 64 hexadecimal digits or 44 characters of base64.
 *
 * @throws `config_invalid` where a key is not 32 bytes, or `current` names none of them
 * @example
 * ```ts
 * const vault = aesVault({ keys: { "2026-11": secret(process.env["HEADGATE_SECRETS_KEY"] ?? "") } });
 * const headgate = createHeadgate({ store, sinks: [splunkSink()], vault });
 * ```
 */
export function aesVault({ keys, current = Object.keys(keys)[0] ?? "" }: AesVaultOptions): Vault {
  const known = new Map(Object.entries(keys).map(([id, key]) => [id, keyBytes(id, key)]));
  const sealing = known.get(current);
  if (sealing === undefined) throw new HeadgateError("config_invalid", `There is no key "${current}" to seal with.`);
  return {
    seal(secret, about) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", sealing, nonce).setAAD(Buffer.from(about));
      const sealed = Buffer.concat([
        nonce,
        cipher.update(secret.reveal(), "utf8"),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      return `v1.${current}.${sealed.toString("base64url")}`;
    },
    open(sealed, about) {
      const [version, id = "", text = ""] = sealed.split(".");
      const key = version === "v1" ? known.get(id) : undefined;
      if (key === undefined)
        throw unreadable(`it was sealed with the key "${id.slice(0, 32)}", which is not configured`);
      const bytes = Buffer.from(text, "base64url");
      try {
        const opener = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes))
          .setAAD(Buffer.from(about))
          .setAuthTag(bytes.subarray(-tagBytes));
        return new Secret(
          opener.update(bytes.subarray(nonceBytes, -tagBytes), undefined, "utf8") + opener.final("utf8"),
        );
      } catch {
        throw unreadable("it was altered, or belongs to something else");
      }
    },
  };
}

function keyBytes(id: string, key: Uint8Array | Secret): Uint8Array {
  if (!/^[A-Za-z0-9-]{1,32}$/.test(id))
    throw new HeadgateError("config_invalid", "A key's id must be 1 to 32 letters, digits and hyphens.");
  const text = key instanceof Secret ? key.reveal().trim() : undefined;
  const bytes =
    text === undefined ? (key as Uint8Array) : Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? "hex" : "base64");
  if (bytes.length === 32) return bytes;
  throw new HeadgateError("config_invalid", `The key "${id}" must be 32 bytes, not ${bytes.length}.`, {
    hint: "Make one with: openssl rand -hex 32",
  });
}

function unreadable(why: string): HeadgateError {
  return new HeadgateError("secret_unreadable", `A stored secret cannot be opened: ${why}.`, {
    hint: "Configure the key that sealed it, or enter the secret again.",
  });
}
