export { splunkSink } from "./splunk-sink.ts";
export { splunkOptionsSchema } from "./schema.ts";
export { hecPaths } from "./transport.ts";
export type { HecPath, HecRequest, HecTransport, HecTransportFactory, HecTransportSettings } from "./transport.ts";
export type { SplunkOperatorOptions, SplunkSinkOptions, SplunkTimeouts } from "./options.ts";
