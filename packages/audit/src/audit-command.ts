import { type DigestKeySet, HeadgateError, parseTimestamp } from "@headgate/core";
import { audit, type AuditProgress } from "./audit.ts";
import { filesPlace } from "./files-place.ts";
import { loadKeys } from "./load-keys.ts";
import { openPlace } from "./open-place.ts";
import type { AuditPlace } from "./place.ts";
import type { AuditReport } from "./report.ts";
import { progressText } from "./progress-text.ts";
import { reportText } from "./report-text.ts";

/** What `headgate audit` does, for its help. */
export const auditDescription =
  "Reads every object of a folder or bucket and proves, from the bytes alone, that nothing is missing, doubled or altered: the SHA-1 in each name against the bytes, each line, its hour and order, and, where the stream writes digests, that every object and sequence that they vouch for is there, whole, once and in its place, that no digest is missing, altered or moved, and, with --keys, that the platform has signed them. Without digests it checks each organization's sequences for gaps and repeats between the first and the last. Credentials for S3 come from the default chain of the AWS SDK and need s3:ListBucket and s3:GetObject. Exits with 3 where something is wrong.";

/** The options of `headgate audit`. */
export const auditOptions = {
  keys: {
    type: "string",
    value: "FILE|URL",
    multiple: true,
    description: "The platform's published keys, a JSON Web Key Set: a file or an https URL. May be repeated.",
  },
  from: { type: "string", value: "TIME", description: "Begin with the hour of this time; do not read what is before." },
  until: {
    type: "string",
    value: "TIME",
    description: "Digests must reach until this time. Default: up to the last one that was due by now.",
  },
  stream: {
    type: "string",
    value: "ID",
    description: "Judge this stream alone: its digests, and the objects that they name or that stand under its prefix.",
  },
  files: { type: "string", value: "LIST|-", description: "Read the files that a list names, one a line, not a place." },
  endpoint: { type: "string", value: "URL", description: "S3-compatible server. Default: AWS." },
  region: { type: "string", value: "REGION", description: "Region of the bucket. Default: AWS_REGION." },
  "force-path-style": { type: "boolean", description: "Bucket in the path, not in the host name." },
  organization: {
    type: "string",
    value: "ORG",
    description: "Whose events these are: any other one's are a finding.",
  },
  concurrency: { type: "string", value: "N", description: "Objects read at a time. Default: 8." },
  "skip-ids": { type: "boolean", description: "Do not compare event ids: needs fewer temporary files." },
  progress: {
    type: "boolean",
    description: "Show how far it is where no person looks, and with --json, too. Default: in a terminal only.",
  },
} as const;

/** What was given of {@link auditOptions}. */
export interface AuditArguments {
  readonly keys?: readonly string[];
  readonly from?: string;
  readonly until?: string;
  readonly stream?: string;
  readonly files?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly "force-path-style"?: boolean;
  readonly organization?: string;
  readonly concurrency?: string;
  readonly "skip-ids"?: boolean;
  readonly progress?: boolean;
  readonly json?: boolean;
}

/** Where an audit writes. */
export interface AuditOutput {
  /** Whether a person looks at the progress: it is a bar then. */
  readonly interactive: boolean;
  print(text: string): Promise<void>;
  /** `state` is called when it is shown. */
  progress(state: () => string): void;
  /** Takes it away; what comes next is shown at once. */
  endProgress(): void;
}

/**
 * Runs `headgate audit` and resolves to its exit code: 0, or 3 where something is wrong.
 * @throws `config_invalid` for a wrong option, `destination_missing` where there is nothing to audit, `cancelled` by the signal
 */
export async function runAudit(
  positionals: readonly string[],
  given: AuditArguments,
  output: AuditOutput,
  signal: AbortSignal,
): Promise<0 | 3> {
  const { name, opened } = placeOf(positionals[0], given, signal);
  const concurrency = Number(given.concurrency ?? 8);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 256)
    throw new HeadgateError("config_invalid", "--concurrency must be a whole number from 1 to 256.");
  const [from, until] = [timeOf("--from", given.from), timeOf("--until", given.until)];
  const keys: DigestKeySet | undefined = given.keys === undefined ? undefined : await loadKeys(given.keys, signal);
  const began = performance.now();
  let report: AuditReport;
  try {
    report = await audit(opened, {
      concurrency,
      ids: given["skip-ids"] !== true,
      ...(given.organization !== undefined && { organization: given.organization }),
      ...(given.stream !== undefined && { stream: given.stream }),
      ...(keys !== undefined && { keys }),
      ...(from !== undefined && { from }),
      ...(until !== undefined && { until }),
      signal,
      ...((given.progress ?? (output.interactive && given.json !== true)) && { onProgress: shower(output) }),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new HeadgateError("cancelled", "The audit was stopped before its end, so it proves nothing.", {
      cause: error,
    });
  }
  output.endProgress();
  if (report.objects === 0 && report.digests === 0 && report.totals.findings === 0) {
    throw new HeadgateError("destination_missing", `There are no objects under ${name}.`, {
      hint: "An empty place proves nothing: check the path and the prefix.",
    });
  }
  const text =
    given.json === true ? `${JSON.stringify(report)}\n` : reportText(name, report, performance.now() - began);
  await output.print(text);
  return report.complete ? 0 : 3;
}

/** Time left is reckoned from when reading began: how long the listing took says nothing of it. */
function shower(output: AuditOutput): (progress: AuditProgress) => void {
  let began: number | undefined;
  return (progress) => {
    if (began === undefined && progress.total !== undefined) {
      began = performance.now();
      output.endProgress();
    }
    output.progress(() => progressText(progress, { ms: performance.now() - (began ?? 0), bar: output.interactive }));
  };
}

function placeOf(
  place: string | undefined,
  given: AuditArguments,
  signal: AbortSignal,
): { readonly name: string; readonly opened: AuditPlace } {
  if (given.files !== undefined) {
    if (place !== undefined) throw new HeadgateError("config_invalid", "Give a place or --files, not both.");
    const name = given.files === "-" ? "the list of files" : given.files;
    return { name, opened: filesPlace(given.files === "-" ? process.stdin : given.files) };
  }
  if (place === undefined || place === "")
    throw new HeadgateError("config_invalid", "The folder or s3://bucket/prefix is missing.");
  const region = given.region ?? process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"];
  const opened = openPlace({
    place,
    signal,
    ...(given.endpoint !== undefined && { endpoint: given.endpoint }),
    ...(region !== undefined && { region }),
    ...(given["force-path-style"] === true && { forcePathStyle: true }),
  });
  return { name: place, opened };
}

function timeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const instant = parseTimestamp(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (instant !== undefined) return instant;
  throw new HeadgateError("config_invalid", `${option} must be a time like 2026-11-26T20:00:00Z.`);
}
