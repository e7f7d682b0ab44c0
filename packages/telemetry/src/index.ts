export * from "./metrics.ts";
export * from "./tracing.ts";
export * from "./joined-observers.ts";
export * from "./delivery-log.ts";
export * from "./pino-logger.ts";
