import type { SinkContext } from "@headgate/core";
import type { StreamAccess } from "../access.ts";
import type { Shared } from "../assume-role.ts";
import type { S3Settings } from "../settings.ts";

/** One verification of one stream. */
export interface VerificationRun {
  readonly settings: S3Settings;
  readonly access: StreamAccess;
  readonly shared: Shared;
  readonly context: SinkContext;
  /** Aborted: the step under way throws its reason. */
  readonly signal: AbortSignal;
}
