import { rmSync } from "node:fs";
import { join } from "node:path";
import type { BenchRun } from "./bench-run.ts";
import { type Cost, cpuPerMillion, rateOf } from "./cost.ts";
import type { ExportCost, ExportParameters } from "./export-job.ts";
import { runJob } from "./processes.ts";
import type { StreamsFigures, StreamsParameters } from "./streams-job.ts";
import { count, decimal, megabytes, type Table } from "./table.ts";

/** One export, measured. */
export interface ExportRow extends ExportCost {
  readonly format: ExportParameters["format"];
}

/** What the service's own answers cost. */
export interface ServiceFigures {
  readonly streams: readonly StreamsFigures[];
  readonly exports: readonly ExportRow[];
}

/** Measures lists, statuses and metrics of many streams, and exports, each in a process of its own. */
export async function measureService({ quick, directory, signal, progress }: BenchRun): Promise<ServiceFigures> {
  const streams: StreamsFigures[] = [];
  for (const size of quick ? [1000] : [1000, 10_000]) {
    progress(`${count(size)} streams`);
    const path = join(directory, `streams-${size}.db`);
    const parameters: StreamsParameters = { path, streams: size, organizations: size / 10, rounds: 15 };
    streams.push(await runJob<StreamsFigures>("streams", parameters, { signal, timeoutSeconds: 300 }));
    remove(path);
  }
  const exports: ExportRow[] = [];
  for (const events of quick ? [100_000] : [100_000, 1_000_000]) {
    progress(`export of ${count(events)} events`);
    const path = join(directory, `export-${events}.db`);
    await runJob<Cost>("fill", { path, events }, { signal, timeoutSeconds: 300 });
    for (const format of ["raw", "ndjson", "csv"] as const) {
      const parameters: ExportParameters = { path, format };
      const cost = await runJob<ExportCost>("export", parameters, { signal, timeoutSeconds: 300 });
      exports.push({ format, ...cost });
    }
    remove(path);
  }
  return { streams, exports };
}

function remove(path: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
}

export function streamsTable(rows: readonly StreamsFigures[]): Table {
  const line = (title: string, of: (row: StreamsFigures) => number): readonly string[] => [
    title,
    ...rows.map((row) => decimal(of(row))),
  ];
  return {
    title: "Many streams, store-sqlite: ms, median",
    columns: ["asked for", ...rows.map(({ streams }) => `${count(streams)} streams`)],
    rows: [
      line("100 statuses from the middle", ({ page }) => page),
      line("  x the bare SQL", ({ page, barePage }) => page / barePage),
      line("one organization's (10)", ({ organization }) => organization),
      line("search that finds one", ({ search }) => search),
      line("one status", ({ one }) => one),
      line("all statuses", ({ all }) => all),
      line("  x the bare SQL", ({ all, bareAll }) => all / bareAll),
      line("the metrics' reading, first time", ({ reading }) => reading),
      line("a scrape after that", ({ scrape }) => scrape),
      line("  its size in kB", ({ scrapeBytes }) => scrapeBytes / 1000),
    ],
    notes: ["Bare SQL: the same rows by one statement in this process, nothing parsed. A scrape reads no store."],
  };
}

export function exportTable(rows: readonly ExportRow[]): Table {
  const rawOf = (events: number): ExportRow | undefined =>
    rows.find((row) => row.format === "raw" && row.events === events);
  return {
    title: "Export of one organization over the API's handler, to a reader that discards",
    columns: ["format, events", "events/s", "MB/s", "CPU s per million", "time: x raw", "peak RSS MB"],
    rows: rows.map((row) => [
      `${row.format}, ${count(row.events)}`,
      count(rateOf(row)),
      decimal(row.bytes / 1e6 / row.seconds),
      decimal(cpuPerMillion(row)),
      decimal(row.seconds / (rawOf(row.events)?.seconds ?? row.seconds)),
      megabytes(row.peakRss),
    ]),
    notes: ["Raw: the journal's groups read to the end, and nothing done with them."],
  };
}
