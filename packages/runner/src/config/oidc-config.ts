import { isHeadgateError, secret } from "@headgate/core";
import type { OidcIssuer } from "@headgate/oidc";
import { oidcIssuer } from "@headgate/oidc";
import { duration, type JsonSchema, strict, text } from "./schema-parts.ts";
import { parseDuration } from "./units.ts";

/** `oidc` as the file writes it. */
export interface RawOidc {
  readonly issuer: string;
  readonly audience?: string;
  readonly token_life?: string;
  readonly allow_insecure_issuer?: boolean;
  readonly keys: readonly {
    readonly private_key: string;
    readonly certificate?: string;
    readonly signs_from?: string;
  }[];
}

/** What customers' accounts may trust instead of an AWS identity of this process. */
export const oidc: JsonSchema = strict(
  "The platform as OpenID Connect issuer: `web_identity` streams get their roles with its tokens. Needs `http`, which serves its two documents to everybody.",
  {
    issuer: text("URL as customers' accounts know it: https, without a port and without a slash at its end.", {
      examples: ["https://id.example.com", "https://example.com/headgate"],
    }),
    audience: text("Audience of every token. Customers' identity providers and trust policies name it.", {
      default: "sts.amazonaws.com",
    }),
    token_life: duration("How long a token is valid, 1 to 60 minutes. Default: 5m."),
    allow_insecure_issuer: {
      type: "boolean",
      default: false,
      description: "Allows http and ports, for S3-compatible servers that take them. AWS does not.",
    },
    keys: {
      type: "array",
      minItems: 1,
      description: "Keys, all of which are published. Of those whose time has come, the latest signs.",
      items: strict(
        "A key.",
        {
          private_key: text(
            "PEM of an RSA key of 2048 bits or more, or an EC key on P-256; `openssl genrsa 3072` makes one.",
            {
              writeOnly: true,
              examples: ["${file:./oidc-2026.pem}"],
            },
          ),
          certificate: text("PEM of a certificate for the key. Default: one that the key makes out to itself."),
          signs_from: text("The key signs from then on, in UTC; a day ahead at least. Default: since ever.", {
            pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?Z$",
            examples: ["2027-01-15T00:00:00Z"],
          }),
        },
        ["private_key"],
      ),
    },
  },
  ["issuer", "keys"],
);

/** The issuer of a configuration. @throws `config_invalid` */
export function configuredIssuer(raw: RawOidc): OidcIssuer {
  return oidcIssuer({
    issuer: raw.issuer,
    ...(raw.audience !== undefined && { audience: raw.audience }),
    ...(raw.token_life !== undefined && { tokenSeconds: (parseDuration(raw.token_life) ?? 0) / 1000 }),
    ...(raw.allow_insecure_issuer === true && { allowInsecureIssuer: true }),
    keys: raw.keys.map(({ private_key: privateKey, certificate, signs_from: from }) => ({
      privateKey: secret(privateKey),
      ...(certificate !== undefined && { certificate }),
      ...(from !== undefined && { signsFrom: new Date(from) }),
    })),
  });
}

/** What is wrong with `oidc`, as the middle of a sentence; undefined where nothing is. */
export function oidcProblem(raw: RawOidc, serves: boolean): string | undefined {
  if (!serves) return "needs http: customers' accounts fetch the two documents of the issuer from this process";
  try {
    configuredIssuer(raw);
    return undefined;
  } catch (error) {
    if (!isHeadgateError(error)) throw error;
    return `makes no issuer. ${error.message} ${error.hint ?? ""}`.trimEnd();
  }
}
