import { withoutPostgres, startCluster } from "../../tests/database/cluster.ts";
import type { AppendParameters } from "./append-job.ts";
import { appendsAtATime } from "./append-job.ts";
import type { BenchRun } from "./bench-run.ts";
import { type Cost, cpuPerMillion, rateOf } from "./cost.ts";
import { runJob } from "./processes.ts";
import { count, decimal, type Table } from "./table.ts";

/** One way to append to a PostgreSQL store, measured; CPU is the appending process's, not the server's. */
export interface DatabaseRow extends Cost {
  readonly ids: AppendParameters["ids"];
  readonly group: number;
  readonly organizations: number;
  /** Of the server's write-ahead log, per event. */
  readonly walBytes: number;
  /** Transactions of the database per event. */
  readonly transactions: number;
}

/** Measures durable appends to a server of the run's own; undefined where PostgreSQL is not installed. */
export async function measureDatabase({
  quick,
  signal,
  progress,
}: BenchRun): Promise<readonly DatabaseRow[] | undefined> {
  if (withoutPostgres) return undefined;
  await using cluster = await startCluster({ autovacuum: "off", max_wal_size: "4GB" });
  const figures = async (): Promise<{ readonly wal: number; readonly commits: number }> => {
    const [row] = await cluster.run(
      "SELECT pg_current_wal_lsn() - '0/0' AS wal, (SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres') AS commits",
    );
    return { wal: Number(row?.["wal"]), commits: Number(row?.["commits"]) };
  };
  const rows: DatabaseRow[] = [];
  for (const ids of ["given", "minted"] as const) {
    for (const organizations of [1, 1000]) {
      for (const group of [1, 100, 1000]) {
        if (quick && (organizations === 1000 || group === 100)) continue;
        progress(`appends to PostgreSQL: ids ${ids}, groups of ${group}, ${count(organizations)} organizations`);
        await cluster.run("DROP SCHEMA IF EXISTS headgate CASCADE");
        await cluster.run("CHECKPOINT");
        const events = (quick ? 20_000 : 100_000) / (group === 1 ? 20 : 1);
        const parameters: AppendParameters = { url: cluster.url(), path: "", events, ids, group, organizations };
        // What the schema costs is in the first figures of the same server, and is taken off.
        await runJob("append", { ...parameters, events: 0 }, { signal, timeoutSeconds: 60 });
        const before = await figures();
        const cost = await runJob<Cost>("append", parameters, { signal, timeoutSeconds: 120 });
        const after = await figures();
        rows.push({
          ids,
          group,
          organizations,
          ...cost,
          walBytes: (after.wal - before.wal) / cost.events,
          transactions: (after.commits - before.commits) / cost.events,
        });
      }
    }
  }
  return rows;
}

export function databaseTable(rows: readonly DatabaseRow[]): Table {
  return {
    title: "Durable append to PostgreSQL: object → validated → serialised → committed → acknowledged",
    columns: ["ids, organizations, group", "events/s", "CPU s per million", "WAL bytes per event", "commits per event"],
    rows: rows.map((row) => [
      `${row.ids}, ${count(row.organizations)}, ${count(row.group)}`,
      count(rateOf(row)),
      decimal(cpuPerMillion(row)),
      count(row.walBytes),
      row.transactions.toFixed(4),
    ]),
    notes: [
      `${appendsAtATime} appends under way at a time, over a Unix socket to a server on the same machine, fsync on.`,
      "CPU is the appending process's; the server's comes on top.",
    ],
  };
}
