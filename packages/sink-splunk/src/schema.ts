const text = { type: "string", minLength: 1 } as const;
const milliseconds = { type: "integer", minimum: 1, maximum: 3_600_000 } as const;

/** JSON Schema (draft 2020-12) of a Splunk stream's `options` in files and over the API. */
export const splunkOptionsSchema: Readonly<Record<string, unknown>> = {
  title: "Splunk stream options",
  type: "object",
  additionalProperties: false,
  required: ["url", "token"],
  properties: {
    url: {
      description:
        "Base URL of the HTTP Event Collector, such as https://hec.acme.example:8088, or a list of them: the first is used, and the others while it is down.",
      anyOf: [text, { type: "array", minItems: 1, maxItems: 16, items: text }],
    },
    token: {
      ...text,
      writeOnly: true,
      description: "The collector's token: name it as ${env:NAME} or ${file:PATH}.",
    },
    index: { ...text, description: "Index that the events go to. Default: the token's own." },
    host: { ...text, description: 'The "host" of every event in Splunk. Default: headgate.' },
    source: { ...text, description: 'The "source" of every event in Splunk. Default: headgate: and the stream\'s id.' },
    sourcetype: { ...text, description: 'The "sourcetype" of every event in Splunk. Default: headgate:audit.' },
    acknowledge: {
      enum: ["auto", "required", "off"],
      description:
        "Whether events count as delivered once an indexer confirms them: where the token is set up for it, required, or never. Default: auto.",
    },
    ca_file: {
      ...text,
      description:
        "File with the certificate (PEM) of the authority that signed the collector's, where it is not a public one.",
    },
    compression: { enum: ["gzip", "none"], description: "Compression of requests. Default: gzip." },
    max_bytes: {
      type: "integer",
      minimum: 1000,
      maximum: 5_000_000,
      description: "Largest body of a request before compression, in bytes. Default: 1000000.",
    },
    max_events: {
      type: "integer",
      minimum: 1,
      maximum: 100_000,
      description: "Most events of a request. Default: 1000.",
    },
    max_event_bytes: {
      type: "integer",
      minimum: 500,
      maximum: 5_000_000,
      description:
        "Largest event with its envelope, in bytes; a larger one goes to quarantine. Default: what max_bytes leaves.",
    },
    timeouts: {
      description: "Time limits.",
      type: "object",
      additionalProperties: false,
      properties: {
        connect_ms: { ...milliseconds, description: "To connect, in ms, TLS included. Default: 10000." },
        request_ms: {
          ...milliseconds,
          description: "From then until the reply begins, in ms, sending the body included. Default: 60000.",
        },
        ack_ms: {
          ...milliseconds,
          description: "From the reply until an indexer confirms, in ms. Default: 120000.",
        },
      },
    },
  },
};
