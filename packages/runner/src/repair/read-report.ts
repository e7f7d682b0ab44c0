import { createReadStream } from "node:fs";
import type { AuditReport, ChainReport, Finding, OrganizationReport } from "@headgate/audit";
import { compileSchema } from "@headgate/core";
import { UsageError } from "../commands/command.ts";
import type { Range } from "./ranges.ts";

/** What of an audit's report a repair goes by. */
export interface GivenReport extends Pick<AuditReport, "complete" | "gaps" | "bad_objects" | "totals"> {
  readonly findings: readonly (Omit<Finding, "kind" | "message"> & { readonly kind: string })[];
  readonly chains: readonly Pick<ChainReport, "organization" | "stream" | "chain" | "after" | "through">[];
  readonly organizations?: readonly Pick<OrganizationReport, "organization" | "gaps">[];
}

/** An audit lists at most 10,000 of a kind of finding, of some hundred bytes each. */
const mostBytes = 64 * 1024 * 1024;

const sequence = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
const pair = { type: "array", minItems: 2, maxItems: 2, items: sequence } as const;
const name = { type: "string", minLength: 1, maxLength: 256 } as const;
const key = { type: "string", minLength: 1, maxLength: 4096 } as const;
const object = (required: readonly string[], properties: object): object => ({ type: "object", required, properties });
const list = (items: object): object => ({ type: "array", items });

/** Members that are not here are passed over: a later version may say more. */
const check = compileSchema(
  object(["complete", "gaps", "bad_objects", "findings", "chains", "totals"], {
    complete: { type: "boolean" },
    gaps: list(pair),
    bad_objects: list(object(["key"], { key })),
    findings: list(
      object(["kind"], {
        kind: { type: "string", maxLength: 64 },
        organization: name,
        stream: name,
        chain: name,
        digests: pair,
        sequences: pair,
        key,
        belongs: key,
      }),
    ),
    chains: list(
      object(["organization", "stream", "chain", "after", "through"], {
        organization: name,
        stream: name,
        chain: name,
        after: sequence,
        through: sequence,
      }),
    ),
    totals: object(["findings", "gaps", "duplicates", "duplicate_ids", "bad_objects"], {
      findings: sequence,
      gaps: sequence,
      duplicates: sequence,
      duplicate_ids: sequence,
      bad_objects: sequence,
    }),
    organizations: list(object(["organization", "gaps"], { organization: name, gaps: list(pair) })),
  }),
);

/**
 * Reads the report that an audit wrote, from a file or, as `-`, from standard input. Somebody else wrote it: nothing in it
 * is believed but what the store then knows of. @throws `UsageError`
 */
export async function readReport(file: string): Promise<GivenReport> {
  const named = file === "-" ? "Standard input" : file;
  const bad = (what: string): UsageError =>
    new UsageError(`${named} is no report of \`headgate audit --json\`: ${what}.`);
  let report: unknown;
  try {
    report = JSON.parse(await textOf(file, bad));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (error instanceof SyntaxError) throw bad("it is not one JSON value");
    throw new UsageError(`${named} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"}).`);
  }
  const problem = check(report)?.[0];
  if (problem !== undefined) throw bad(`${problem.path === "$" ? "it" : problem.path} ${problem.problem}`);
  const given = report as GivenReport;
  const ranges: readonly Range[] = [
    ...given.gaps,
    ...(given.organizations ?? []).flatMap(({ gaps }) => gaps),
    ...given.findings.flatMap(({ sequences }) => (sequences === undefined ? [] : [sequences])),
  ];
  if (ranges.some(([first, last]) => first < 1 || last < first))
    throw bad("a range of sequences in it begins before 1, or after its end");
  return given;
}

async function textOf(file: string, bad: (what: string) => UsageError): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of file === "-" ? process.stdin : createReadStream(file)) {
    parts.push(part as Buffer);
    bytes += (part as Buffer).length;
    if (bytes > mostBytes) throw bad("it has more than 64 MiB");
  }
  return Buffer.concat(parts).toString("utf8");
}
