import { HeadgateError } from "@headgate/core";

/** An issuer's URL, and what IAM calls it. */
export interface IssuerUrl {
  /** As it stands in tokens and in the provider: without a slash at its end. */
  readonly text: string;
  /** Path of the URL: empty, or with a slash at its beginning and none at its end. */
  readonly path: string;
}

/**
 * Reads the URL of an issuer. AWS wants https, the letters exactly as in the tokens, and no port:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html (read 2026-11-26)
 * @throws `config_invalid`
 */
export function issuerUrl(text: string, allowInsecure: boolean): IssuerUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const problem = url === undefined ? "is no URL" : problemOf(text, url, allowInsecure);
  if (problem === undefined && url !== undefined) return { text, path: url.pathname === "/" ? "" : url.pathname };
  throw new HeadgateError("config_invalid", `The issuer "${text.slice(0, 200)}" ${problem ?? "is no URL"}.`, {
    hint: "Write it like https://id.example.com or https://example.com/headgate, exactly as IAM is to know it.",
  });
}

function problemOf(text: string, url: URL, allowInsecure: boolean): string | undefined {
  if (url.protocol !== "https:" && !(allowInsecure && url.protocol === "http:")) return "is not an https URL";
  if (url.username !== "" || url.password !== "") return "holds a user name";
  if (text.includes("?") || text.includes("#")) return "has a query or a fragment";
  if (text.endsWith("/")) return "ends in a slash";
  if (url.port !== "" && !allowInsecure) return "has a port, which AWS does not take";
  // Verifiers compare letter by letter, so there must be one way to write it.
  const canonical = url.pathname === "/" ? url.origin : `${url.origin}${url.pathname}`;
  return canonical === text ? undefined : `must be written as ${canonical}`;
}
