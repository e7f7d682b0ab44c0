export { startDatadogServer } from "./server.ts";
export type { DatadogServer } from "./server.ts";
export { datadogFault } from "./fault.ts";
export type { DatadogFault, DatadogOwnFault } from "./fault.ts";
export type {
  DatadogEndpoint,
  DatadogLog,
  DatadogPoison,
  DatadogRequest,
  DatadogServerOptions,
  ReservedName,
} from "./model.ts";
