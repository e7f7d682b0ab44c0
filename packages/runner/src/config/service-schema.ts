import { duration, integer, type JsonSchema, organization, strict, text } from "./schema-parts.ts";

/** What the runner serves. */
export const http: JsonSchema = strict("REST API and console. Without it nothing listens.", {
  listen: text("Address and port to listen on. An address that others can reach needs `tls` or `behind_proxy`.", {
    default: "127.0.0.1:8686",
    examples: ["127.0.0.1:8686", "0.0.0.0:8443", "[::1]:8686"],
  }),
  base_url: text("Where people reach it, without a path: shown at the start, and taken as a name of this server.", {
    pattern: "^https?://[^/?#@\\s]+/?$",
    examples: ["https://audit.example.com"],
  }),
  tls: strict(
    "Serves https with this certificate.",
    {
      cert_file: text("PEM file with the certificate and those between it and the root.", {
        examples: ["./tls/fullchain.pem"],
      }),
      key_file: text("PEM file with its private key.", { examples: ["./tls/key.pem"] }),
    },
    ["cert_file", "key_file"],
  ),
  behind_proxy: {
    type: "boolean",
    default: false,
    description: "Allows plain http on an address that others can reach: a proxy in front of it speaks https.",
  },
  requests_per_minute: integer("Requests of one token or session, on average; appending is counted apart.", 1, {
    default: 600,
  }),
  appends_per_minute: integer("Requests of one token that append events.", 1, { default: 30_000 }),
  console: { type: "boolean", default: true, description: "Whether the console is served at `/`." },
  metrics_public: {
    type: "boolean",
    default: false,
    description: "Whether `/metrics` is served without a token. It names no organization and no stream.",
  },
});

/** What seals the secrets of streams that customers create. */
export const secrets: JsonSchema = strict(
  "Key that seals the secrets of streams created over the API. Without it such streams hold none.",
  {
    key: text("32 bytes as 64 hexadecimal digits or base64; `headgate keys new` makes one.", {
      writeOnly: true,
      examples: ["${env:HEADGATE_SECRETS_KEY}"],
    }),
    previous_keys: {
      type: "array",
      description:
        "Keys that sealed earlier and still open. `headgate keys rotate` puts all that is stored under `key`; then they can go.",
      items: text("A key as above.", { writeOnly: true }),
    },
  },
  ["key"],
);

/** What privacy rules hash with. */
export const pseudonyms: JsonSchema = strict(
  "Key from which each organization's own is derived for streams whose privacy rules hash. Without it rules may only drop and mask.",
  {
    key: text("32 bytes as 64 hexadecimal digits or base64; `openssl rand -hex 32` makes one.", {
      writeOnly: true,
      examples: ["${env:HEADGATE_PSEUDONYM_KEY}"],
    }),
    previous_keys: {
      type: "array",
      description:
        "Keys that hashed earlier: windows that were begun under one end under it. A new key gives every value a new pseudonym.",
      items: text("A key as above.", { writeOnly: true }),
    },
  },
  ["key"],
);

/** What signs the digests that prove completeness to customers. */
export const digests: JsonSchema = strict(
  "Signs hourly digests of what each stream has delivered, so that customers can prove that nothing is missing. Without it none are made. The public keys are served at `/v1/digest-keys`.",
  {
    key: text("Ed25519 private key in PEM; `openssl genpkey -algorithm ed25519` makes one.", {
      writeOnly: true,
      examples: ["${file:./digest-key.pem}"],
    }),
    every: duration("Longest time from one digest of a stream to the next: an hour at most, a second at least.", {
      default: "1h",
      examples: ["15m"],
    }),
    retired_keys: {
      type: "array",
      description:
        "Keys that signed earlier, private or public, in PEM: published so that older digests stay provable.",
      items: text("A key as above, or its public half.", { writeOnly: true }),
    },
  },
  ["key"],
);

/** Who the platform is to its customers. */
export const platform: JsonSchema = strict("What customers are told of the platform when they set a stream up.", {
  aws_principal: text("ARN that customers' roles are to trust: the role or user that this process acts as in AWS.", {
    pattern: "^arn:aws[a-z-]*:iam::[0-9]{12}:(root|(role|user)/.+)$",
    examples: ["arn:aws:iam::111122223333:role/headgate"],
  }),
  s3_endpoints: {
    type: "array",
    description:
      "S3-compatible servers that customers may stream to. Requests to them are signed with this process's own credentials. Default: none, AWS alone; any where allow_insecure_endpoint is set.",
    items: text("Base URL.", { pattern: "^https://[^?#@ ]+$", examples: ["https://s3.example.com"] }),
  },
});

const organizations: JsonSchema = {
  type: "array",
  minItems: 1,
  description: "Whose alerts it is told. Default: those of all organizations.",
  items: organization("An organization's id."),
};

const name: JsonSchema = text("Unique among the channels; shown with what became of each notification.", {
  maxLength: 100,
  examples: ["on-call"],
});

const insecureChannel: JsonSchema = {
  type: "boolean",
  default: false,
  description: "Allows this channel to use plain text, and loopback and private addresses.",
};

const webhook: JsonSchema = strict(
  "A webhook, signed by the Standard Webhooks specification.",
  {
    kind: { const: "webhook", description: "Kind of channel." },
    name,
    url: text("Where notifications are posted to.", { examples: ["https://hooks.example.com/headgate"] }),
    secret: {
      anyOf: [
        text("The secret that signs.", { writeOnly: true }),
        {
          type: "array",
          minItems: 1,
          description: "Several while one replaces another: each signs.",
          items: text("A secret.", { writeOnly: true }),
        },
      ],
      description: "What signs, as `whsec_` and base64. A list signs with each of its secrets.",
      examples: ["${env:HEADGATE_WEBHOOK_SECRET}"],
    },
    organizations,
    allow_insecure_endpoint: insecureChannel,
  },
  ["kind", "url", "secret"],
);

const slack: JsonSchema = strict(
  "An incoming webhook as Slack has them; Mattermost and others take the same.",
  {
    kind: { const: "slack", description: "Kind of channel." },
    name,
    url: text("The webhook's URL, which is a secret.", { writeOnly: true, examples: ["${env:HEADGATE_SLACK_URL}"] }),
    organizations,
    allow_insecure_endpoint: insecureChannel,
  },
  ["kind", "url"],
);

const smtp: JsonSchema = strict(
  "E-mail through a server of the operator's.",
  {
    kind: { const: "smtp", description: "Kind of channel." },
    name,
    host: text("The server's name.", { examples: ["smtp.example.com"] }),
    port: integer("Its port. Default: 465 with implicit TLS, 587 with STARTTLS.", 1, { maximum: 65_535 }),
    tls: {
      enum: ["implicit", "starttls"],
      default: "starttls",
      description: "TLS from the first byte, or after a greeting.",
    },
    username: text("Who signs in. Default: nobody."),
    password: text("Its password.", { writeOnly: true, examples: ["${env:HEADGATE_SMTP_PASSWORD}"] }),
    from: text("The sender's address.", { examples: ["headgate@example.com"] }),
    to: {
      type: "array",
      minItems: 1,
      description: "Who gets the mail.",
      items: text("An address.", { examples: ["security@example.com"] }),
    },
    organizations,
    allow_insecure_endpoint: insecureChannel,
  },
  ["kind", "host", "from", "to"],
);

/** When alerts open, and who is told. */
export const alerts: JsonSchema = strict(
  "When alerts open, how often they remind, and who is told. Without it they are kept and shown.",
  {
    every: duration("Alerts are looked for this often.", { examples: ["15s"], default: "15s" }),
    lagging: duration("The oldest pending event is so old: the stream lags.", { examples: ["45m"], default: "45m" }),
    quiet: duration("An alert closes only after its trouble has been away for so long.", {
      examples: ["1m"],
      default: "1m",
    }),
    reminders: {
      type: "array",
      minItems: 1,
      default: ["1h", "4h", "12h", "24h"],
      description: "Distances between reminders; the last one repeats.",
      items: duration("One distance."),
    },
    loss_share: {
      type: "number",
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: 0.5,
      description: "A loss countdown opens when less than this share of the time is left.",
    },
    keep: duration("How long closed alerts and arrived notifications are kept.", {
      examples: ["30d"],
      default: "30d",
    }),
    audit_log: {
      type: "boolean",
      default: true,
      description:
        "Whether each notification is also appended to the organization's own audit log. Not with `headgate run --once`.",
    },
    channels: {
      type: "array",
      description: "Who is told.",
      items: { anyOf: [webhook, slack, smtp], description: "One channel." },
    },
  },
);
