import type { IssuerUrl } from "./issuer-url.ts";
import type { IssuerKey } from "./keys.ts";

const discoveryPath = "/.well-known/openid-configuration";
const keysPath = "/.well-known/jwks.json";
/** For how long a cache may hold a document, in seconds. New keys are announced a day ahead. */
const cacheSeconds = 300;

/** The two paths that an issuer answers at. */
export function documentPaths({ path }: IssuerUrl): readonly string[] {
  return [`${path}${discoveryPath}`, `${path}${keysPath}`];
}

/** What an issuer publishes. */
export interface Published {
  readonly url: IssuerUrl;
  readonly keys: () => readonly IssuerKey[];
}

/**
 * Answers a request for the discovery document (OpenID Connect Discovery 1.0) or the key set (RFC 7517). The path may
 * come with the issuer's own before it or, behind a router that takes it off, without. All else is 404 or 405.
 */
export async function answerDocument({ url, keys }: Published, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const below = pathname.startsWith(`${url.path}/.`) ? pathname.slice(url.path.length) : pathname;
  if (below !== discoveryPath && below !== keysPath) return plain(404, "There is nothing at this address.");
  if (request.method !== "GET" && request.method !== "HEAD")
    return plain(405, "This address takes GET and HEAD.", { allow: "GET, HEAD" });
  const published = keys();
  const document =
    below === keysPath ? { keys: await Promise.all(published.map((key) => key.jwk())) } : discovery(url, published);
  const body = JSON.stringify(document);
  return new Response(request.method === "HEAD" ? null : body, {
    headers: {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
      "cache-control": `public, max-age=${cacheSeconds}`,
      "x-content-type-options": "nosniff",
    },
  });
}

function discovery({ text }: IssuerUrl, keys: readonly IssuerKey[]): object {
  return {
    issuer: text,
    jwks_uri: `${text}${keysPath}`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: [...new Set(keys.map(({ algorithm }) => algorithm))],
    claims_supported: ["iss", "sub", "aud", "iat", "nbf", "exp", "jti"],
    scopes_supported: ["openid"],
  };
}

function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  const type = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return new Response(`${text}\n`, { status, headers: { ...type, ...headers } });
}
