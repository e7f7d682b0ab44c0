export { datadogSink } from "./datadog-sink.ts";
export type { DatadogOperatorOptions, DatadogSinkOptions, DatadogTimeouts } from "./options.ts";
export { datadogOptionsSchema } from "./schema.ts";
export { datadogSites } from "./sites.ts";
export { httpLogsTransport } from "./transport.ts";
export type { LogsReply, LogsTransport, LogsTransportFactory, LogsTransportSettings } from "./transport.ts";
