/** What a customer gives for a Splunk stream, as the schema describes it. */
export interface SplunkGiven {
  readonly url: string;
  readonly token?: string;
  readonly index?: string;
  readonly source?: string;
  readonly sourcetype?: string;
  readonly acknowledge?: "auto" | "required" | "off";
}

/** JSON Schema (draft 2020-12) of what a customer gives for a Splunk stream. On an edit the token may stay away. */
export const splunkCustomerSchema: Readonly<Record<string, unknown>> = {
  title: "Splunk",
  type: "object",
  additionalProperties: false,
  required: ["url", "token"],
  properties: {
    url: {
      type: "string",
      title: "Collector URL",
      description: "Base URL of the HTTP Event Collector. It must be reachable from the internet, by https.",
      pattern: "^https?://.+$",
      maxLength: 2048,
      examples: ["https://http-inputs-acme.splunkcloud.com:443"],
    },
    token: {
      type: "string",
      title: "Token",
      description: "Token of the collector, without the word Splunk. It is kept encrypted and never shown again.",
      writeOnly: true,
      minLength: 1,
      maxLength: 256,
    },
    index: {
      type: "string",
      title: "Index",
      description: "Index that the events go to. The token must allow it. Default: the token's own.",
      pattern: String.raw`^[a-z0-9_][a-z0-9_\-]*$`,
      maxLength: 80,
      examples: ["audit"],
    },
    source: {
      type: "string",
      title: "Source",
      description: 'The "source" of every event in Splunk. Default: headgate: and the stream\'s id.',
      minLength: 1,
      maxLength: 1024,
    },
    sourcetype: {
      type: "string",
      title: "Source type",
      description: 'The "sourcetype" of every event in Splunk. Default: headgate:audit.',
      minLength: 1,
      maxLength: 1024,
      examples: ["headgate:audit"],
    },
    acknowledge: {
      title: "Indexer acknowledgement",
      enum: ["auto", "required", "off"],
      default: "auto",
      description:
        "Whether events count as delivered once an indexer confirms them. auto: where the token is set up for it. required: or not at all. off: never.",
    },
  },
};
