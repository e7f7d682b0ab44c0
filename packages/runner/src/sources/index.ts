export { fileSource } from "./file-source.ts";
export type { IncompleteLine, RunSourceOptions, Source, SourceProgress, SourceSummary } from "./source.ts";
