export { fileSource } from "./file-source.ts";
export type { RunSourceOptions, Source, SourceProgress, SourceSummary } from "./source.ts";
