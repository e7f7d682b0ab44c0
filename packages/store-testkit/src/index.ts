export * from "./conformance.ts";
export * from "./events.ts";
export * from "./fixtures.ts";
export * from "./harness.ts";
