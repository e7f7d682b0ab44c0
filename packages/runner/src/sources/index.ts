export { fileSource } from "./file-source.ts";
export { githubAudit } from "./github-audit.ts";
export { oktaAudit } from "./okta-audit.ts";
export { pollSource } from "./poll-source.ts";
export { type SourceToken, tokenReader } from "./source-token.ts";
export type {
  AppendPrepared,
  IncompleteLine,
  RunSourceOptions,
  Source,
  SourceProgress,
  SourceSummary,
} from "./source.ts";
