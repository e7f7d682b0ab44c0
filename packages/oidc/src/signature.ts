import { constants, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { HeadgateError } from "@headgate/core";
import { integer, sequence } from "./der.ts";

/** Algorithms of tokens that STS takes and that are worth offering: RFC 7518 section 3.1. */
export type Algorithm = "RS256" | "ES256";

const width = 32;

/**
 * What a key outside this process has signed, in the form of JWS. An ES256 signature may come as DER, as KMS services
 * give it, or as the two numbers one after the other. It is verified: a token that nobody can verify would only be
 * noticed at a customer's STS.
 * @throws `config_invalid` where it is not the key's signature
 */
export function checkedSignature(
  algorithm: Algorithm,
  publicKey: KeyObject,
  bytes: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  if (algorithm === "RS256") {
    if (verify("sha256", bytes, { key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signature)) return signature;
  } else if (verify("sha256", bytes, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature)) {
    return signature;
  } else if (verify("sha256", bytes, { key: publicKey, dsaEncoding: "der" }, signature)) {
    return plainSignature(signature);
  }
  throw new HeadgateError(
    "config_invalid",
    "What the signing callback of an OIDC key gave is no signature of that key.",
    {
      hint: `Check that it signs the bytes themselves with ${algorithm} (SHA-256), with the private key that belongs to publicKey.`,
    },
  );
}

/** The two numbers of an ECDSA signature as DER: RFC 3279 section 2.2.3. */
export function derSignature(plain: Uint8Array): Buffer {
  return sequence(integer(plain.subarray(0, width)), integer(plain.subarray(width)));
}

/** The other way about; what it reads has been verified, so the form is right. Each number is shorter than 128 bytes. */
function plainSignature(signature: Uint8Array): Buffer {
  const numbers: Buffer[] = [];
  for (let at = 2; at < signature.length && numbers.length < 2;) {
    const length = signature[at + 1] ?? 0;
    const number = Buffer.from(signature.subarray(at + 2, at + 2 + length));
    const digits = number.length > width ? number.subarray(number.length - width) : number;
    numbers.push(Buffer.concat([Buffer.alloc(width - digits.length), digits]));
    at += 2 + length;
  }
  return Buffer.concat(numbers);
}
