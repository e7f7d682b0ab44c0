import { createPublicKey, generateKeyPairSync, sign, verify, X509Certificate } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";
import { isHeadgateError, secret } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { issuerKey } from "./keys.ts";
import type { OidcIssuer, OidcIssuerOptions } from "./oidc-issuer.ts";
import { oidcIssuer } from "./oidc-issuer.ts";
import { subjectOf } from "./subject.ts";

const pair = { rsa: rsa(), second: rsa(), ec: generateKeyPairSync("ec", { namedCurve: "P-256" }) };
const issuer = "https://id.example.com/headgate";
const start = Date.UTC(2026, 10, 26, 12);
const day = 86_400_000;
const stream = { organization: "org_1", stream: "stream-1" };

function rsa(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}
const pem = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();
const publicPem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();

interface Issuing extends OidcIssuer {
  now: number;
}
function issuing(options: Partial<OidcIssuerOptions> = {}): Issuing {
  const time = { now: start };
  const clock = { now: () => time.now };
  return Object.assign(
    time,
    oidcIssuer({ issuer, keys: [{ privateKey: pem(pair.rsa.privateKey) }], clock, ...options }),
  );
}

type Key = JsonWebKey & { readonly kid: string; readonly alg: string; readonly x5c: readonly [string] };
async function keysOf(made: OidcIssuer): Promise<readonly Key[]> {
  const answer = await made.fetch(new Request(`${made.issuer}/.well-known/jwks.json`));
  return ((await answer.json()) as { readonly keys: readonly Key[] }).keys;
}

/** Claims of a token that is verified as an outsider does it: with the published key of its id, and with its certificate. */
async function claimsOf(made: OidcIssuer, token: string): Promise<Readonly<Record<string, unknown>>> {
  const [head = "", body = "", signature = ""] = token.split(".");
  const { kid, alg } = JSON.parse(Buffer.from(head, "base64url").toString()) as { kid: string; alg: string };
  const key = (await keysOf(made)).find((one) => one.kid === kid);
  if (key?.alg !== alg) throw new Error("the key is not published");
  const certificate = new X509Certificate(Buffer.from(key.x5c[0], "base64"));
  for (const publicKey of [createPublicKey({ key, format: "jwk" }), certificate.publicKey]) {
    const good = verify(
      "sha256",
      Buffer.from(`${head}.${body}`),
      { key: publicKey, dsaEncoding: "ieee-p1363" },
      Buffer.from(signature, "base64url"),
    );
    if (!good) throw new Error("the signature is wrong");
  }
  return JSON.parse(Buffer.from(body, "base64url").toString()) as Readonly<Record<string, unknown>>;
}

describe("a token", () => {
  it.each(["rsa", "ec"] as const)(
    "of a key of type %s says who, to whom and how long, and verifies with what is published",
    async (kind) => {
      const made = issuing({ keys: [{ privateKey: secret(pem(pair[kind].privateKey)) }] });
      const token = await made.token(stream);
      expect(String(token)).toBe("[redacted]");
      const seconds = start / 1000;
      expect(await claimsOf(made, token.reveal())).toEqual({
        iss: issuer,
        sub: "organization:org_1:stream:stream-1",
        aud: "sts.amazonaws.com",
        iat: seconds,
        nbf: seconds - 60,
        exp: seconds + 300,
        jti: expect.stringMatching(/^[\da-f-]{36}$/) as string,
      });
      expect((await made.token(stream)).reveal()).not.toBe(token.reveal());
    },
  );

  it.each(["der", "ieee-p1363"] as const)("can be signed elsewhere, with the signature as %s", async (dsaEncoding) => {
    for (const { privateKey, publicKey } of [pair.ec, pair.rsa]) {
      const signing = (bytes: Uint8Array): Promise<Uint8Array> =>
        Promise.resolve(sign("sha256", bytes, { key: privateKey, dsaEncoding }));
      const made = issuing({ keys: [{ publicKey: publicPem(publicKey), sign: signing }] });
      for (let at = 0; at < 20; at++)
        expect(await claimsOf(made, (await made.token(stream)).reveal())).toMatchObject({ aud: "sts.amazonaws.com" });
    }
  });

  it("is none where the callback signs with another key", async () => {
    const wrong = {
      publicKey: publicPem(pair.rsa.publicKey),
      sign: (bytes: Uint8Array) => Promise.resolve(sign("sha256", bytes, pair.second.privateKey)),
    };
    await expect(issuing({ keys: [wrong] }).token(stream)).rejects.toMatchObject({ code: "config_invalid" });
  });
});

describe("subjectOf", () => {
  it("gives no two streams one subject, and leaves nothing that a policy would read otherwise", () => {
    const id = fc.oneof(
      fc.string({ minLength: 1, maxLength: 6, unit: "binary" }),
      fc.constantFrom("a:stream:b", "*", "${aws:x}", "%3A", "a", "b"),
    );
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(fc.tuple(id, id), ([organization, name]) => {
        fc.pre(organization.isWellFormed() && name.isWellFormed());
        const subject = subjectOf({ organization, stream: name });
        expect(subject).toMatch(/^organization:[\w.~%-]+:stream:[\w.~%-]+$/);
        const key = JSON.stringify([organization, name]);
        expect(seen.get(subject) ?? key).toBe(key);
        seen.set(subject, key);
        const [, org = "", , own = ""] = subject.split(":");
        expect([org, own].map(decodeURIComponent)).toEqual([organization, name]);
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses ids that do not fit, or are no text", () => {
    for (const organization of ["", "x".repeat(240), "\ud800"])
      expect(() => subjectOf({ organization, stream: "s" })).toThrow(
        expect.objectContaining({ code: "config_invalid" }),
      );
  });
});

describe("what an issuer publishes", () => {
  it("is the discovery document and the keys, below its own path or at the root of a router, and nothing else", async () => {
    const made = issuing();
    expect(made.paths).toEqual(["/headgate/.well-known/openid-configuration", "/headgate/.well-known/jwks.json"]);
    for (const at of [issuer, "https://anything.example"]) {
      const answer = await made.fetch(new Request(`${at}/.well-known/openid-configuration`));
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "content-type": "application/json",
        "cache-control": "public, max-age=300",
      });
      expect(await answer.json()).toMatchObject({
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks.json`,
        id_token_signing_alg_values_supported: ["RS256"],
      });
    }
    const status = async (path: string, method = "GET"): Promise<number> =>
      (await made.fetch(new Request(`https://id.example.com${path}`, { method }))).status;
    expect(await status("/headgate/.well-known/jwks.json", "HEAD")).toBe(200);
    expect(await status("/headgate/.well-known/jwks.json", "POST")).toBe(405);
    for (const path of ["/", "/headgate", "/other/.well-known/jwks.json", "/headgate/.well-known/jwks.json/"])
      expect(await status(path)).toBe(404);
  });

  it("holds no private part, and a certificate that OpenSSL takes", async () => {
    const made = issuing({
      keys: [
        { privateKey: pem(pair.rsa.privateKey) },
        { privateKey: pem(pair.ec.privateKey), signsFrom: new Date(start + day) },
      ],
    });
    for (const { x5c, ...key } of await keysOf(made)) {
      expect(Object.keys(key).filter((name) => /^(d|p|q|dp|dq|qi)$/.test(name))).toEqual([]);
      const certificate = new X509Certificate(Buffer.from(x5c[0], "base64"));
      expect(certificate.verify(certificate.publicKey)).toBe(true);
      expect(certificate.subject).toBe(`CN=OIDC ${key.kid}`);
      expect(certificate.validTo).toContain("9999");
      expect(certificate.ca).toBe(false);
    }
  });

  it("shows a certificate that is given, and refuses another key's", async () => {
    const [key] = await keysOf(issuing());
    const certificate = new X509Certificate(Buffer.from(key?.x5c[0] ?? "", "base64")).toString();
    const privateKey = pem(pair.rsa.privateKey);
    expect((await keysOf(issuing({ keys: [{ privateKey, certificate }] })))[0]?.x5c).toEqual(key?.x5c);
    expect(() => issuing({ keys: [{ privateKey: pem(pair.second.privateKey), certificate }] })).toThrow(
      /certificate that is another key's/,
    );
  });

  it("names a key by the thumbprint of RFC 7638", () => {
    // The example of its section 3.1.
    const n =
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    const publicKey = publicPem(createPublicKey({ key: { kty: "RSA", n, e: "AQAB" }, format: "jwk" }));
    const id = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    expect(issuerKey({ publicKey, sign: () => Promise.reject(new Error("unused")) }, "keys[0]").id).toBe(id);
  });
});

describe("rotation", () => {
  const next = new Date(start + day);
  const keys = [{ privateKey: pem(pair.rsa.privateKey) }, { privateKey: pem(pair.second.privateKey), signsFrom: next }];

  it("publishes a key before it signs, and after, so that no token is ever without its key", async () => {
    const made = issuing({ keys });
    const [old = "", young = ""] = (await keysOf(made)).map(({ kid }) => kid);
    const order = async (at: number): Promise<readonly string[]> => {
      made.now = at;
      await claimsOf(made, (await made.token(stream)).reveal());
      return (await keysOf(made)).map(({ kid }) => kid);
    };
    expect(await order(next.getTime() - 1)).toEqual([old, young]);
    made.now = next.getTime() - 1;
    const last = (await made.token(stream)).reveal();
    expect(await order(next.getTime())).toEqual([young, old]);
    made.now = next.getTime() + 300_000;
    await claimsOf(made, last);
    expect(await order(next.getTime() + day)).toEqual([young]);
  });

  it("says what is wrong with keys, and never shows them", () => {
    const wrong: readonly OidcIssuerOptions["keys"][] = [
      [],
      [{ privateKey: pem(pair.rsa.privateKey), signsFrom: next }],
      [keys[0] as { privateKey: string }, keys[0] as { privateKey: string }],
      [{ privateKey: "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----" }],
      [{ privateKey: pem(generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey) }],
      [{ privateKey: pem(generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey) }],
      [{ sign: () => Promise.resolve(new Uint8Array()) }],
    ];
    for (const list of wrong) {
      try {
        issuing({ keys: list });
        expect.unreachable();
      } catch (error) {
        expect(isHeadgateError(error, "config_invalid")).toBe(true);
        expect(JSON.stringify([(error as Error).message, (error as Error).cause])).not.toContain("c2VjcmV0");
      }
    }
  });
});

describe("an issuer's URL", () => {
  it.each([
    "id.example.com",
    "http://id.example.com",
    "https://id.example.com/",
    "https://id.example.com:8443",
    "https://ID.example.com",
    "https://u@id.example.com",
    "https://id.example.com?x",
    "https://id.example.com/a/../b",
    "https://id.example.com:443",
  ])("is not %s", (text) => {
    expect(() => issuing({ issuer: text })).toThrow(expect.objectContaining({ code: "config_invalid" }));
  });
  it("may be plain http where the operator says so", () => {
    expect(issuing({ issuer: "http://127.0.0.1:7583", allowInsecureIssuer: true }).issuer).toBe(
      "http://127.0.0.1:7583",
    );
  });
});
