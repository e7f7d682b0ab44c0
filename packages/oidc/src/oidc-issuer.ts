import { randomUUID } from "node:crypto";
import { HeadgateError, secret, systemClock } from "@headgate/core";
import type { Clock, Secret } from "@headgate/core";
import { answerDocument, documentPaths } from "./documents.ts";
import { issuerUrl } from "./issuer-url.ts";
import { keyRing } from "./key-ring.ts";
import type { IssuerKey, OidcKey } from "./keys.ts";
import { issuerKey } from "./keys.ts";
import type { TokenRequest } from "./subject.ts";
import { subjectOf } from "./subject.ts";

/** What an issuer is made of. */
export interface OidcIssuerOptions {
  /** URL as customers' accounts know it: https, no port, no slash at its end. May have a path. */
  readonly issuer: string;
  /** Keys, all of which are published. Of those whose time has come, the latest signs. */
  readonly keys: readonly OidcKey[];
  /** `aud` of every token: customers' identity providers and trust policies name it. @default "sts.amazonaws.com" */
  readonly audience?: string;
  /** How long a token is valid, in seconds, 60 to 3600. Only the request for a session has to fall within it. @default 300 */
  readonly tokenSeconds?: number;
  /** Allows http and ports, for S3-compatible servers that take them; AWS does not. @default false */
  readonly allowInsecureIssuer?: boolean;
  /** @default the machine's */
  readonly clock?: Pick<Clock, "now">;
}

/** The platform as OpenID Connect issuer. Has the form that `s3Sink({ webIdentity })` takes. */
export interface OidcIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** Paths that `fetch` answers at, for routers: the discovery document and the key set. */
  readonly paths: readonly string[];
  /** `sub` of a stream's tokens. @throws `config_invalid` */
  subject(request: TokenRequest): string;
  /** A fresh token for one stream, a JWT. @throws `config_invalid`, or what a signing callback throws */
  token(request: TokenRequest): Promise<Secret>;
  /** Serves the discovery document and the key set: public, the same for everybody, without credentials. */
  fetch(request: Request): Promise<Response>;
}

/** A verifier's clock may be behind by as much, in seconds. */
const leewaySeconds = 60;

/**
 * Makes an issuer: AWS accounts that trust it let a stream have its role without any key of AWS.
 * @throws `config_invalid`
 *
 * @example
 * ```ts
 * const webIdentity = oidcIssuer({ issuer: "https://id.example.com", keys: [{ privateKey }] });
 * const headgate = createHeadgate({ store, sinks: [s3Sink({ webIdentity })] });
 * ```
 */
export function oidcIssuer(options: OidcIssuerOptions): OidcIssuer {
  const { audience = "sts.amazonaws.com", tokenSeconds = 300, clock = systemClock } = options;
  const url = issuerUrl(options.issuer, options.allowInsecureIssuer ?? false);
  // IAM takes 255 characters at most for an audience: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
  if (!/^[\w.:/~@-]{1,255}$/.test(audience))
    throw invalid("The audience is not 1 to 255 of A-Z a-z 0-9 _ . : / ~ @ -.", "Leave it out for sts.amazonaws.com.");
  if (!Number.isInteger(tokenSeconds) || tokenSeconds < 60 || tokenSeconds > 3600)
    throw invalid("tokenSeconds is not 60 to 3600.", "Leave it out for 300.");
  if (options.keys.length === 0) throw invalid("An issuer needs a key.", "`openssl genrsa 3072` makes one.");
  const ring = keyRing(
    options.keys.map((key, at) => issuerKey(key, `keys[${at}]`)),
    clock.now(),
  );
  return {
    issuer: url.text,
    audience,
    paths: documentPaths(url),
    subject: subjectOf,
    async token(request) {
      const now = clock.now();
      const issuedAt = Math.floor(now / 1000);
      return await signedToken(ring.signing(now), {
        iss: url.text,
        sub: subjectOf(request),
        aud: audience,
        iat: issuedAt,
        nbf: issuedAt - leewaySeconds,
        exp: issuedAt + tokenSeconds,
        jti: randomUUID(),
      });
    },
    fetch: (request) => answerDocument({ url, keys: () => ring.published(clock.now()) }, request),
  };
}

/** A JWT: RFC 7519 in the compact form of RFC 7515. */
async function signedToken(key: IssuerKey, claims: object): Promise<Secret> {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: key.algorithm, typ: "JWT", kid: key.id })}.${part(claims)}`;
  const signature = await key.sign(Buffer.from(signed));
  return secret(`${signed}.${Buffer.from(signature).toString("base64url")}`);
}

function invalid(said: string, hint: string): HeadgateError {
  return new HeadgateError("config_invalid", said, { hint });
}
