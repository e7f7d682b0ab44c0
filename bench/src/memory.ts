import { rmSync } from "node:fs";
import { join } from "node:path";
import { defaultDeliverySettings } from "@headgate/core";
import type { BenchRun } from "./bench-run.ts";
import { type Cost, cpuPerMillion, rateOf } from "./cost.ts";
import { runHeadgate, runJob } from "./processes.ts";
import { discarding, writeStreamConfig } from "./stream-config.ts";
import { count, decimal, megabytes, type Table } from "./table.ts";

/** One restart over a backlog, measured. */
export interface MemoryRow extends Cost {
  /** Bytes of the lines that were pending. */
  readonly pendingBytes: number;
  /** Bytes. */
  readonly peakRss: number;
}

/** About 2 GB of lines. */
const largeBacklog = 3_300_000;

/** Fills a journal, then lets a fresh process deliver it, for growing backlogs of one stream. */
export async function measureMemory(run: BenchRun): Promise<MemoryRow[]> {
  const sizes = [0, 10_000, 100_000, ...(run.quick ? [] : [1_000_000]), ...(run.large ? [largeBacklog] : [])];
  const rows: MemoryRow[] = [];
  for (const events of sizes) rows.push(await measureOne(run, events));
  return rows;
}

async function measureOne({ directory, sink, signal, progress }: BenchRun, events: number): Promise<MemoryRow> {
  progress(`restart with ${count(events)} events pending`);
  const store = join(directory, `memory-${events}.db`);
  const destination = discarding(sink.endpoint);
  const config = writeStreamConfig({ directory, store, organizations: 1, compression: "none", destination });
  try {
    if (events > 0) await runJob<Cost>("fill", { path: store, events }, { signal, timeoutSeconds: 300 });
    await sink.take();
    const ended = await runHeadgate(["run", "-c", config, "--once", "--json"], { signal, timeoutSeconds: 300 });
    if (ended.code !== 0 || ended.usage === undefined) throw new Error(`headgate run failed:\n${ended.stderr}`);
    const received = await sink.take();
    if (received.events !== events) throw new Error(`the server received ${received.events} of ${events} events`);
    return { events, seconds: ended.seconds, pendingBytes: received.bytes, ...ended.usage };
  } finally {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(`${store}${suffix}`, { force: true });
  }
}

export function memoryTable(rows: readonly MemoryRow[]): Table {
  return {
    title: "Memory: a fresh process delivers one stream's backlog (S3, none)",
    columns: ["pending", "pending MB", "peak RSS MB", "events/s", "CPU s per million"],
    rows: rows.map((row) => [
      count(row.events),
      megabytes(row.pendingBytes),
      megabytes(row.peakRss),
      row.events === 0 ? "-" : count(rateOf(row)),
      row.events === 0 ? `${decimal(row.cpuSeconds)} s in all` : decimal(cpuPerMillion(row)),
    ]),
    notes: [
      `Configured: ${defaultDeliverySettings.memoryBytes / 1024 / 1024} MiB for windows on their way (delivery.memory). The rest is the runtime and the SDK: see 0 pending.`,
    ],
  };
}
