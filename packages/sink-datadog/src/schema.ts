import { datadogSites } from "./sites.ts";

const text = { type: "string", minLength: 1 } as const;
const milliseconds = { type: "integer", minimum: 1, maximum: 600_000 } as const;

/** JSON Schema (draft 2020-12) of a Datadog stream's `options` in files. */
export const datadogOptionsSchema: Readonly<Record<string, unknown>> = {
  title: "Datadog stream options",
  type: "object",
  additionalProperties: false,
  required: ["api_key"],
  properties: {
    site: {
      ...text,
      description: `The account's site: ${datadogSites.join(", ")}. Required unless url is given.`,
      examples: ["datadoghq.eu"],
    },
    url: {
      ...text,
      description: "Base URL of an intake of another name, such as a proxy. Default: the site's intake.",
      examples: ["https://datadog-proxy.example.com"],
    },
    api_url: {
      ...text,
      description: "Base URL of the API that verification asks about the key. Default: the site's; with url none.",
    },
    api_key: {
      ...text,
      writeOnly: true,
      description: "An API key of the site: name it as ${env:NAME} or ${file:PATH}.",
    },
    service: { ...text, default: "headgate", description: "Service that the logs are shown under." },
    source: { ...text, default: "headgate", description: "Source (ddsource), which pipelines are chosen by." },
    hostname: { ...text, description: "Host that the logs are shown under. Default: none." },
    tags: {
      description: "Tags beside organization and stream, which every log has: name to value.",
      type: "object",
      maxProperties: 97,
      additionalProperties: text,
    },
    stale: {
      enum: ["quarantine", "restamp"],
      default: "quarantine",
      description:
        "What becomes of events older than 18 h or more than 2 h ahead, which Datadog drops: not sent, or sent with the present time.",
    },
    compression: { enum: ["gzip", "none"], default: "gzip", description: "How requests are compressed." },
    ca_file: { ...text, description: "PEM file of certificates to trust beside the usual ones: for a proxy's own." },
    timeouts: {
      description: "Time limits in milliseconds.",
      type: "object",
      additionalProperties: false,
      properties: {
        connect_ms: { ...milliseconds, description: "To connect, TLS included. Default 10000." },
        request_ms: { ...milliseconds, description: "From then until the reply begins. Default 60000." },
      },
    },
  },
};
