import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AuditFolder } from "./audit-job.ts";
import type { BenchRun } from "./bench-run.ts";
import { benchSigner } from "./bench-signer.ts";
import type { Cost } from "./cost.ts";
import { runHeadgate, runJob } from "./processes.ts";
import { count, decimal, megabytes, type Table } from "./table.ts";

/** One audit, and what its bare parts take. */
export interface AuditRow extends Cost {
  readonly objects: number;
  /** Bytes, of the process that audits. */
  readonly peakRss: number;
  /** Reading and hashing every file, and nothing more. */
  readonly hashing: Cost;
}

const eventsEach = 10;

/** Audits folders of three sizes: what grows with the bucket shows in the ratios of their peaks. */
export async function measureAudits(run: BenchRun): Promise<AuditRow[]> {
  const rows: AuditRow[] = [];
  for (const objects of run.quick ? [1000, 3000, 10_000] : [10_000, 30_000, 100_000])
    rows.push(await measureOne(run, objects));
  return rows;
}

async function measureOne({ directory, signal, progress }: BenchRun, objects: number): Promise<AuditRow> {
  progress(`audit of ${count(objects)} objects`);
  const folder: AuditFolder = { directory: join(directory, `bucket-${objects}`), objects, eventsEach };
  const limits = { signal, timeoutSeconds: 600 };
  try {
    const { until } = await runJob<{ readonly until: number }>("bucket", folder, limits);
    const keys = join(directory, "keys.json");
    writeFileSync(keys, JSON.stringify(benchSigner().published));
    const hashing = await runJob<Cost>("hash-folder", folder, limits);
    const args = ["audit", folder.directory, "--keys", keys, "--until", new Date(until).toISOString(), "--json"];
    const ended = await runHeadgate(args, limits);
    const report = JSON.parse(ended.stdout || "{}") as { readonly proven?: boolean; readonly events?: number };
    if (report.proven !== true || report.events !== objects * eventsEach || ended.usage === undefined)
      throw new Error(`headgate audit proved nothing:\n${ended.stdout.slice(0, 1000)}${ended.stderr}`);
    return { objects, events: objects * eventsEach, seconds: ended.seconds, ...ended.usage, hashing };
  } finally {
    rmSync(folder.directory, { recursive: true, force: true });
  }
}

export function auditTable(rows: readonly AuditRow[]): Table {
  return {
    title: "Audit: a folder with signed digests, against reading and hashing every file alone",
    columns: ["objects", "events", "s", "events/s", "× plain, clock", "× plain, CPU", "peak RSS MB", "× smallest"],
    rows: rows.map(({ objects, events, seconds, cpuSeconds, peakRss, hashing }) => [
      count(objects),
      count(events),
      decimal(seconds),
      count(events / seconds),
      decimal(seconds / hashing.seconds),
      decimal(cpuSeconds / hashing.cpuSeconds),
      megabytes(peakRss),
      decimal(peakRss / (rows[0]?.peakRss ?? peakRss)),
    ]),
    notes: ["The audit also parses every line, checks it against the event schema, and compares ids and sequences."],
  };
}
