export { startHecServer } from "./server.ts";
export type { HecServer } from "./server.ts";
export type { HecServerOptions } from "./options.ts";
export { hecFault } from "./fault.ts";
export type { HecFault, HecOwnFault } from "./fault.ts";
export { hecCode } from "./codes.ts";
export type { HecCode, HecObjectCode } from "./codes.ts";
export type { HecEndpoint, HecEvent, HecPoison, HecRequest, HecToken } from "./model.ts";
