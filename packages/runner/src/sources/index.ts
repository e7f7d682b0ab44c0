export { fileSource, type FileSourceContext, type FileSourceOptions } from "./file-source.ts";
export type { AppendPrepared, RunSourceOptions, Source, SourceProgress, SourceSummary } from "./source.ts";
