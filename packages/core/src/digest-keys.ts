import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { DigestSignature } from "./digest.ts";
import { HeadgateError } from "./errors.ts";
import { Secret } from "./secret.ts";

/** A public key as it is published. */
export interface DigestKey {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  /** base64url of its 32 bytes. */
  readonly x: string;
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly use: "sig";
  readonly alg: "EdDSA";
}

/** The published keys, as a JSON Web Key Set. */
export interface DigestKeySet {
  readonly keys: readonly DigestKey[];
}

/** Signs digests with one key, and publishes it with those that signed before. */
export interface DigestSigner {
  readonly keyId: string;
  readonly published: DigestKeySet;
  /** Signs the bytes of a digest's first line. */
  sign(line: Uint8Array): Promise<DigestSignature>;
}

/** Options of {@link digestSigner}. */
export interface DigestSignerOptions {
  /** The key that signs: an Ed25519 private key in PEM, or a public key in PEM with a callback that signs with its other half. */
  readonly key:
    | string
    | Secret
    | { readonly publicKey: string; readonly sign: (line: Uint8Array) => Promise<Uint8Array> };
  /** Keys that signed before, in PEM, public or private: still published, so that older digests stay provable. @default none */
  readonly retired?: readonly (string | Secret)[];
}

/**
 * A signer from keys in PEM. `openssl genpkey -algorithm ed25519` makes one.
 *
 * @throws `config_invalid` where a key is none of Ed25519, or cannot be read
 * @example
 * ```ts
 * const signer = digestSigner({ key: secret(process.env["HEADGATE_DIGEST_KEY"] ?? "") });
 * const headgate = createHeadgate({ store, sinks: [s3Sink()], digests: { signer } });
 * ```
 */
export function digestSigner({ key, retired = [] }: DigestSignerOptions): DigestSigner {
  const held = typeof key === "string" || key instanceof Secret;
  const own = publicJwk(publicKey(held ? key : key.publicKey, "The key that signs digests"));
  const others = retired.map((text) => publicJwk(publicKey(text, "A retired key of digests")));
  const keys = [own, ...others.filter(({ kid }) => kid !== own.kid)];
  const bytesOf = held ? withKey(privateKey(key)) : key.sign;
  return {
    keyId: own.kid,
    published: { keys },
    async sign(line) {
      const bytes = await bytesOf(line);
      const signature = {
        algorithm: "Ed25519",
        key_id: own.kid,
        signature: Buffer.from(bytes).toString("base64url"),
      } as const;
      // A signature of another key would be found by the customer's auditor, and then it is too late.
      if (verifyDigest(line, signature, { keys: [own] }) === "valid") return signature;
      throw new HeadgateError("config_invalid", "What was to sign a digest gave no signature of the published key.", {
        hint: "The callback must return the 64 bytes of a pure Ed25519 signature (RFC 8032) over the bytes that it gets.",
      });
    },
  };
}

/** Checks a digest's signature. `unknown` where its key is not among those given. */
export function verifyDigest(
  line: Uint8Array,
  { key_id: id, signature }: DigestSignature,
  { keys }: DigestKeySet,
): "valid" | "invalid" | "unknown" {
  const key = keys.find(({ kid }) => kid === id);
  if (key === undefined) return "unknown";
  const { kty, crv, x } = key;
  const publicHalf = createPublicKey({ key: { kty, crv, x }, format: "jwk" });
  return verify(null, line, publicHalf, Buffer.from(signature, "base64url")) ? "valid" : "invalid";
}

/**
 * Reads published keys: a JSON Web Key Set, or one key of it. Members beyond those needed are ignored; a `kid` that is not
 * the key's thumbprint is refused. @throws `config_invalid`
 */
export function parseDigestKeys(text: string): DigestKeySet {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HeadgateError("config_invalid", "The keys must be a JSON Web Key Set.");
  }
  const listed = (value as { readonly keys?: unknown } | null)?.keys ?? [value];
  if (!Array.isArray(listed)) throw new HeadgateError("config_invalid", "The keys must be a JSON Web Key Set.");
  return {
    keys: listed.map((entry: unknown) => {
      const { kty, crv, x, kid } = (entry ?? {}) as Record<string, unknown>;
      if (kty !== "OKP" || crv !== "Ed25519" || typeof x !== "string" || !/^[A-Za-z0-9_-]{43}$/.test(x))
        throw new HeadgateError("config_invalid", "Each key must be of type OKP and curve Ed25519.");
      const key = jwkOf(x);
      if (kid === undefined || kid === key.kid) return key;
      throw new HeadgateError("config_invalid", `The key ${key.kid} is published under another kid.`);
    }),
  };
}

function publicJwk(key: KeyObject): DigestKey {
  return jwkOf((key.export({ format: "jwk" }) as { readonly x: string }).x);
}

function jwkOf(x: string): DigestKey {
  const kid = createHash("sha256").update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest("base64url");
  return { kty: "OKP", crv: "Ed25519", x, kid, use: "sig", alg: "EdDSA" };
}

function withKey(key: KeyObject): (line: Uint8Array) => Promise<Uint8Array> {
  return (line) => Promise.resolve(sign(null, line, key));
}

function privateKey(text: string | Secret): KeyObject {
  return readKey(() => createPrivateKey(revealed(text)), "The key that signs digests");
}

function publicKey(text: string | Secret, what: string): KeyObject {
  return readKey(() => createPublicKey(revealed(text)), what);
}

function readKey(read: () => KeyObject, what: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = read();
  } catch {
    // The library's own words could quote the key.
  }
  if (key?.asymmetricKeyType === "ed25519") return key;
  throw new HeadgateError("config_invalid", `${what} must be an Ed25519 key in PEM.`, {
    hint: "Make one with: openssl genpkey -algorithm ed25519",
  });
}

function revealed(text: string | Secret): string {
  return text instanceof Secret ? text.reveal() : text;
}
