import { createHash, createPrivateKey, createPublicKey, sign, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { HeadgateError, secret } from "@headgate/core";
import type { Secret } from "@headgate/core";
import { selfSignedCertificate } from "./certificate.ts";
import type { Algorithm } from "./signature.ts";
import { checkedSignature } from "./signature.ts";

interface KeyCommon {
  /** PEM of a certificate for the key, those between it and its root after it. @default one that the key makes out to itself */
  readonly certificate?: string;
  /** The key signs from then on, until another one's time has come; it is published at once. @default since ever */
  readonly signsFrom?: Date;
}

/** A key whose private part this process holds: PEM, RSA of 2,048 bits or more (RS256) or P-256 (ES256). */
export interface OidcPrivateKey extends KeyCommon {
  readonly privateKey: Secret | string;
}

/** A key that stays elsewhere, such as in a KMS. */
export interface OidcSigningCallback extends KeyCommon {
  /** PEM of the public key. May be left out where `certificate` says it. */
  readonly publicKey?: string;
  /**
   * Signs the bytes themselves: RSASSA-PKCS1-v1_5 with SHA-256, or ECDSA on P-256 with SHA-256 (as DER or as two plain
   * numbers). In AWS KMS `Sign` with `MessageType: "RAW"`.
   */
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>;
}

/** A key of an issuer. Which algorithm it signs with follows from what it is. */
export type OidcKey = OidcPrivateKey | OidcSigningCallback;

/** A member of a key set: RFC 7517. */
export type Jwk = Readonly<Record<string, string | readonly string[]>>;

/** A key that is ready for use. */
export interface IssuerKey {
  /** RFC 7638 thumbprint. */
  readonly id: string;
  readonly algorithm: Algorithm;
  /** Unix ms; -Infinity for since ever. */
  readonly signsFrom: number;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
  /** The public part, with its certificate. Made once. */
  jwk(): Promise<Jwk>;
}

/**
 * Reads a key. `place` is how messages name it, e.g. `keys[0]`; they never quote it.
 * @throws `config_invalid`
 */
export function issuerKey(key: OidcKey, place: string): IssuerKey {
  const given = "privateKey" in key ? privateKeyOf(key.privateKey, place) : undefined;
  const certificates = certificatesOf(key.certificate, place);
  const publicKey =
    given === undefined ? publicKeyOf(key as OidcSigningCallback, certificates, place) : createPublicKey(given);
  const algorithm = algorithmOf(publicKey, place);
  const [leaf] = certificates;
  if (leaf !== undefined && !leaf.publicKey.equals(publicKey))
    throw invalid(place, "has a certificate that is another key's", "The first certificate must be the key's own.");
  const signsFrom = key.signsFrom?.getTime() ?? Number.NEGATIVE_INFINITY;
  if (Number.isNaN(signsFrom)) throw invalid(place, "has a signsFrom that is no date", "Pass a Date.");
  const jwk = publicKey.export({ format: "jwk" }) as Readonly<Record<string, string>>;
  const id = thumbprint(jwk);
  const signing = async (bytes: Uint8Array): Promise<Uint8Array> => {
    if (given !== undefined) return signed(given, algorithm, bytes);
    return checkedSignature(algorithm, publicKey, bytes, await (key as OidcSigningCallback).sign(bytes));
  };
  const published = async (): Promise<Jwk> => {
    const made = { algorithm, publicKey, name: `OIDC ${id}`, sign: signing };
    const chain = leaf === undefined ? [await selfSignedCertificate(made)] : certificates.map(({ raw }) => raw);
    return { ...jwk, kid: id, use: "sig", alg: algorithm, x5c: chain.map((one) => one.toString("base64")) };
  };
  let pending: Promise<Jwk> | undefined;
  return {
    id,
    algorithm,
    signsFrom,
    sign: signing,
    jwk: () => {
      // What a callback failed at once may succeed the next time.
      pending ??= published().catch((error: unknown) => {
        pending = undefined;
        throw error;
      });
      return pending;
    },
  };
}

function privateKeyOf(pem: Secret | string, place: string): KeyObject {
  try {
    return createPrivateKey(secret(pem).reveal());
  } catch {
    // Without the cause: what a parser says of a text may quote it.
    throw invalid(
      place,
      "is no private key in PEM form",
      "It begins with -----BEGIN PRIVATE KEY-----, without a passphrase.",
    );
  }
}

function publicKeyOf({ publicKey }: OidcSigningCallback, [leaf]: readonly X509Certificate[], place: string): KeyObject {
  if (publicKey === undefined && leaf !== undefined) return leaf.publicKey;
  try {
    return createPublicKey(publicKey ?? "");
  } catch {
    throw invalid(place, "has no public key", "Pass publicKey or certificate, in PEM form, beside sign.");
  }
}

function certificatesOf(pem: string | undefined, place: string): readonly X509Certificate[] {
  if (pem === undefined) return [];
  const parts = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    if (parts.length > 0) return parts.map((part) => new X509Certificate(part));
  } catch {
    // Said below.
  }
  throw invalid(place, "has a certificate that cannot be read", "It begins with -----BEGIN CERTIFICATE-----.");
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, place: string): Algorithm {
  const { modulusLength = 0, namedCurve } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === "rsa" && modulusLength >= 2048) return "RS256";
  if (asymmetricKeyType === "ec" && namedCurve === "prime256v1") return "ES256";
  throw invalid(place, "is neither RSA of 2048 bits or more nor EC on P-256", "`openssl genrsa 3072` makes one.");
}

function signed(key: KeyObject, algorithm: Algorithm, bytes: Uint8Array): Uint8Array {
  return algorithm === "RS256" ? sign("sha256", bytes, key) : sign("sha256", bytes, { key, dsaEncoding: "ieee-p1363" });
}

/** RFC 7638: the required members in the order of their names. */
function thumbprint({ kty, n, e, crv, x, y }: Readonly<Record<string, string>>): string {
  const members = kty === "RSA" ? { e, kty, n } : { crv, kty, x, y };
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}

function invalid(place: string, problem: string, hint: string): HeadgateError {
  return new HeadgateError("config_invalid", `The OIDC key ${place} ${problem}.`, { hint });
}
