import { datadogSites } from "../sites.ts";

/** What a customer gives for a Datadog stream, as the schema describes it. */
export interface DatadogGiven {
  readonly site: string;
  readonly api_key?: string;
  readonly service?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly stale?: "quarantine" | "restamp";
}

/** JSON Schema (draft 2020-12) of what a customer gives for a Datadog stream. On an edit the key may stay away. */
export const datadogCustomerSchema: Readonly<Record<string, unknown>> = {
  title: "Datadog",
  type: "object",
  additionalProperties: false,
  required: ["site", "api_key"],
  properties: {
    site: {
      title: "Site",
      enum: datadogSites,
      description: 'What stands after "app." in the address bar of your browser when you use Datadog.',
      examples: ["datadoghq.eu"],
    },
    api_key: {
      type: "string",
      title: "API key",
      description: "An API key of that site, not an application key. It is kept encrypted and never shown again.",
      writeOnly: true,
      minLength: 1,
      maxLength: 256,
    },
    service: {
      type: "string",
      title: "Service",
      default: "headgate",
      description: "Service that the logs are shown under.",
      pattern: String.raw`^[\p{L}\p{N}_:.\/\-]{1,100}$`,
      examples: ["acme-audit"],
    },
    tags: {
      type: "object",
      title: "Tags",
      description: "Beside organization and stream, which every log has: name to value.",
      maxProperties: 97,
      additionalProperties: { type: "string", minLength: 1, maxLength: 200 },
      examples: [{ env: "production" }],
    },
    stale: {
      title: "Events that Datadog is too late for",
      enum: ["quarantine", "restamp"],
      default: "quarantine",
      description:
        "Datadog drops what is older than 18 hours, without a word. quarantine: such an event is set apart. restamp: it is sent with the present time; its own stays in audit.occurred_at.",
    },
  },
};
