export type { LogConfig, RunnerConfig, SourceConfig, StoreConfig, StreamConfig } from "./config/config.ts";
export { loadConfig, type LoadInput } from "./config/load.ts";
export { ConfigError, type ConfigProblem } from "./config/problem.ts";
export { configSchema, type SinkSchema } from "./config/schema.ts";
