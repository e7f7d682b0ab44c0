export * from "./conformance.ts";
export * from "./harness.ts";
export * from "./fault.ts";
export * from "./audit-event.ts";
export * from "./arbitraries.ts";
export { chunkOf, encodedEvent, outgoingEvent } from "./chunk-of.ts";
export type { ChunkOwner } from "./chunk-of.ts";
export { deliveryContext } from "./check.ts";
export * from "./ndjson-batch.ts";
