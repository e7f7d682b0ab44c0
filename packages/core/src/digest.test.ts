import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Digest, digestFile, digestHash, digestKey, digestLine, parseDigestFile } from "./digest.ts";
import { digestSigner, parseDigestKeys, verifyDigest } from "./digest-keys.ts";
import { secret } from "./secret.ts";

// RFC 8032, section 7.1, test 2: a published Ed25519 key, its PKCS #8 form as RFC 8410 writes it.
const pem = `-----BEGIN PRIVATE KEY-----
${Buffer.concat([
  Buffer.from("302e020100300506032b657004220420", "hex"),
  Buffer.from("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "hex"),
]).toString("base64")}
-----END PRIVATE KEY-----
`;

const digest: Digest = {
  type: "headgate.digest",
  version: 1,
  organization: "acme",
  stream: "acme-s3",
  chain: "c1",
  number: 1,
  key: "_digests/acme-s3/c1/0000000001.json",
  from: "2026-11-26T19:00:00.000Z",
  to: "2026-11-26T20:00:07.000Z",
  previous: null,
  sequences: { after: 0, through: 3 },
  counts: { delivered: 2, quarantined: 1, filtered: 0, lost: 0 },
  objects: [{ key: "k", sha1: "0".repeat(40), sha256: "1".repeat(64), bytes: 10, count: 2, first: 1, last: 3 }],
  quarantined: [[2, 2, "event_too_large"]],
  lost: [],
  filtered_by: null,
};

describe("a digest's file", () => {
  it("is read back as it was written, and verifies by the published keys", async () => {
    const signer = digestSigner({ key: secret(pem) });
    const line = digestLine(digest);
    const file = digestFile(line, await signer.sign(line));
    const read = parseDigestFile(file);
    expect(read.digest).toEqual(digest);
    expect(digestHash(read.line)).toBe(digestHash(line));
    const published = parseDigestKeys(JSON.stringify(signer.published));
    expect(verifyDigest(read.line, read.signature, published)).toBe("valid");
    expect(verifyDigest(read.line, read.signature, { keys: [] })).toBe("unknown");
  });

  it("stands no change of any byte", async () => {
    const signer = digestSigner({ key: pem });
    const line = digestLine(digest);
    const file = digestFile(line, await signer.sign(line));
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const altered = Uint8Array.from(file);
        altered[at] = (altered[at] as number) ^ change;
        let verdict: string;
        try {
          const read = parseDigestFile(altered);
          verdict = verifyDigest(read.line, read.signature, signer.published);
        } catch {
          verdict = "refused";
        }
        expect(["invalid", "unknown", "refused"]).toContain(verdict);
      }),
      { numRuns: 2000 },
    );
  });

  it("adds up, or is none", () => {
    const wrong = { ...digest, counts: { ...digest.counts, delivered: 3 } };
    const signature = { algorithm: "Ed25519", key_id: "k", signature: "A".repeat(86) } as const;
    expect(() => parseDigestFile(digestFile(digestLine(wrong), signature))).toThrow(/counts do not add up/);
    expect(() => parseDigestFile(Buffer.from("{}\n{}\n\n"))).toThrow(/two lines/);
    const odd = { ...digest, objects: [{ ...digest.objects?.[0], first: 4, last: 3 }] } as unknown as Digest;
    expect(() => parseDigestFile(digestFile(digestLine(odd), signature))).toThrow(/its objects has a wrong form/);
  });

  it("has a key under which digests sort by number", () => {
    const place = { prefix: "h/", stream: "s", chain: "c" };
    const [a, b] = [digestKey(place, 9), digestKey(place, 10)];
    expect(a).toBe("h/_digests/s/c/0000000009.json");
    expect(a < b).toBe(true);
  });
});

describe("a signer", () => {
  it("signs by a callback, and refuses what its key did not sign", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const text = String(publicKey.export({ type: "spki", format: "pem" }));
    const line = digestLine(digest);
    const good = digestSigner({ key: { publicKey: text, sign: async (bytes) => sign(null, bytes, privateKey) } });
    expect(verifyDigest(line, await good.sign(line), good.published)).toBe("valid");
    const bad = digestSigner({ key: { publicKey: text, sign: async () => new Uint8Array(64) } });
    await expect(bad.sign(line)).rejects.toThrow(/no signature of the published key/);
  });

  it("publishes the keys of before, each once, and no private half", () => {
    const signer = digestSigner({ key: pem, retired: [pem] });
    expect(signer.published.keys).toHaveLength(1);
    // RFC 8032, section 7.1, test 2: the public key.
    expect(signer.published.keys[0]?.x).toBe(
      Buffer.from("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "hex").toString("base64url"),
    );
    expect(JSON.stringify(signer.published)).not.toMatch(/"d"/);
  });

  it("names a wrong key without quoting it", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const text = String(privateKey.export({ type: "pkcs8", format: "pem" }));
    expect(() => digestSigner({ key: text })).toThrow("The key that signs digests must be an Ed25519 key in PEM.");
    expect(() => parseDigestKeys('{"keys":[{"kty":"OKP","crv":"Ed25519","x":"a"}]}')).toThrow(/OKP/);
  });
});
