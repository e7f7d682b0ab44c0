import { duration, type JsonSchema, organization, strict, text } from "./schema-parts.ts";

const token: JsonSchema = {
  token: text("Token that the log is read with; better not in the file itself.", {
    writeOnly: true,
    examples: ["${env:AUDIT_TOKEN}"],
  }),
  token_file: text(
    "File that holds the token, relative to the configuration file, in place of `token`. It is read before each request: for tokens that live for an hour, and are renewed by another program.",
    { examples: ["./token"] },
  ),
  ca_file: text("PEM file of an authority to trust beside the usual ones, relative to the configuration file."),
};
const oneToken: JsonSchema = { oneOf: [{ required: ["token"] }, { required: ["token_file"] }] };

const github: JsonSchema = strict(
  "The audit log of a GitHub organization.",
  {
    org: text("Login of the organization at GitHub.", {
      pattern: "^[A-Za-z0-9][A-Za-z0-9_-]*$",
      $comment: "letters, digits, hyphens and underscores, as in the address of the organization's page",
      examples: ["acme"],
    }),
    ...token,
    include: {
      enum: ["all", "web", "git"],
      default: "all",
      description: "Web events, Git events (clones, fetches, pushes), or both.",
    },
    phrase: text("Narrows what is read, in the syntax of GitHub's audit log search.", {
      examples: ["-action:workflows"],
    }),
    url: text("Base of the REST API; for GitHub Enterprise Server `https://HOST/api/v3`.", {
      default: "https://api.github.com",
    }),
  },
  ["org"],
  oneToken,
);

const okta: JsonSchema = strict(
  "The System Log of an Okta organization.",
  {
    url: text("Address of the Okta organization, without `-admin`.", { examples: ["https://acme.okta.com"] }),
    ...token,
    token_type: {
      enum: ["ssws", "bearer"],
      default: "ssws",
      description: "`ssws`: an API token. `bearer`: an OAuth 2.0 access token.",
    },
  },
  ["url"],
  oneToken,
);

const kindIs = (kind: string, then: JsonSchema): JsonSchema => ({
  if: { properties: { kind: { const: kind } }, required: ["kind"] },
  then,
});

/** One entry of `sources`. */
export const source: JsonSchema = strict(
  "What is read into the journal of an organization: files of events, or the audit log of a service.",
  {
    kind: {
      enum: ["file", "github", "okta"],
      description:
        "Kind of source. `file`: NDJSON files, gzip too, and standard input. `github`: the audit log of a GitHub organization. `okta`: the System Log of an Okta organization.",
    },
    path: text("For `file`: NDJSON file, relative to the configuration file; `-` is standard input.", {
      examples: ["events.ndjson"],
    }),
    organization: {
      anyOf: [
        organization("Organization that the events belong to."),
        strict("Each record names it.", { from: text("Path into the record.", { examples: ["organization.id"] }) }, [
          "from",
        ]),
      ],
      description: "Whose events these are.",
    },
    mapping: text(
      "Field mapping for foreign records (YAML or JSON), relative to the configuration file. `github` and `okta` bring one of their own, which this one replaces.",
      { examples: ["./mappings/github.yaml"] },
    ),
    follow: {
      type: "boolean",
      default: false,
      description: "For `file`: waits for more lines at the end of the file, as `tail -f` does. Not with `-`.",
    },
    api: { type: "object", description: "For `github` and `okta`: the log, and the token that it is read with." },
    every: duration("For `github` and `okta`: from the end of the log to the next look.", {
      examples: ["60s"],
      default: "60s",
    }),
    since: duration("For `github` and `okta`: how far back the very first start reads.", {
      examples: ["24h", "30d"],
      default: "24h",
    }),
    overlap: duration(
      "For `github` and `okta`: how late a record may show up in the log and still be found. So much is read again, and known by its ids.",
      { examples: ["10m"], default: "10m" },
    ),
    allow_insecure_endpoint: {
      type: "boolean",
      default: false,
      description: "For `github` and `okta`: allows plain http, and loopback and private addresses.",
    },
  },
  ["kind", "organization"],
  {
    allOf: [
      kindIs("file", { required: ["path"] }),
      kindIs("github", { required: ["api"], properties: { api: github } }),
      kindIs("okta", { required: ["api"], properties: { api: okta } }),
    ],
  },
);
