import { createHash } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { bitString, der, integer, objectId, sequence } from "./der.ts";
import type { Algorithm } from "./signature.ts";
import { derSignature } from "./signature.ts";

/** What a self-signed certificate is made of. */
export interface SelfSigned {
  readonly algorithm: Algorithm;
  readonly publicKey: KeyObject;
  /** Common name, 64 characters at most. */
  readonly name: string;
  /** Signs as JWS does. */
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>;
}

/** RFC 4055 section 5 and RFC 5758 section 3.2. */
const signatureAlgorithms: Readonly<Record<Algorithm, Buffer>> = {
  RS256: sequence(objectId(1, 2, 840, 113549, 1, 1, 11), der(0x05)),
  ES256: sequence(objectId(1, 2, 840, 10045, 4, 3, 2)),
};

/**
 * A certificate (RFC 5280) that a key makes out to itself, as DER. It says nothing but which key it is: some verifiers,
 * such as Ceph's gateway, read keys from certificates alone. It has no end, because the list of keys says which count.
 */
export async function selfSignedCertificate({ algorithm, publicKey, name, sign }: SelfSigned): Promise<Buffer> {
  const key = publicKey.export({ type: "spki", format: "der" });
  const identifier = signatureAlgorithms[algorithm];
  // From the key, so that every process makes the same.
  const serial = createHash("sha256").update(key).digest().subarray(0, 16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const commonName = der(0x31, sequence(objectId(2, 5, 4, 3), der(0x0c, Buffer.from(name))));
  const whose = sequence(commonName);
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    identifier,
    whose,
    sequence(der(0x17, Buffer.from("000101000000Z")), der(0x18, Buffer.from("99991231235959Z"))),
    whose,
    key,
    der(0xa3, sequence(keyUsage)),
  );
  const signature = await sign(body);
  return sequence(body, identifier, bitString(algorithm === "ES256" ? derSignature(signature) : signature));
}

/** Critical, and for digital signatures alone. */
const keyUsage: Buffer = sequence(
  objectId(2, 5, 29, 15),
  der(0x01, Buffer.from([0xff])),
  der(0x04, der(0x03, Buffer.from([7, 0x80]))),
);
