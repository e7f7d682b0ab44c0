export { audit, type AuditOptions, type AuditProgress } from "./audit/audit.ts";
export type { AuditableObject } from "./audit/inspect-object.ts";
export type { AuditReport, OrganizationReport, SharedPrefix } from "./audit/report.ts";
export type { LogConfig, RunnerConfig, SourceConfig, StoreConfig, StreamConfig } from "./config/config.ts";
export { loadConfig, type LoadInput } from "./config/load.ts";
export { ConfigError, type ConfigProblem } from "./config/problem.ts";
export { configSchema, type SinkSchema } from "./config/schema.ts";
