import { join } from "node:path";
import { type AppendParameters, appendsAtATime } from "./append-job.ts";
import type { BenchRun } from "./bench-run.ts";
import { type Cost, cpuPerMillion, rateOf } from "./cost.ts";
import { sumOfParts } from "./parts.ts";
import type { Parts } from "./parts-job.ts";
import { runJob } from "./processes.ts";
import { count, decimal, type Table } from "./table.ts";

/** One way to append, measured. */
export interface AppendRow extends Cost {
  readonly ids: AppendParameters["ids"];
  readonly group: number;
  readonly organizations: number;
}

/** Measures durable appends, each way in a process of its own. */
export async function measureAppends({ quick, directory, signal, progress }: BenchRun): Promise<AppendRow[]> {
  const rows: AppendRow[] = [];
  for (const ids of ["given", "minted"] as const) {
    for (const organizations of [1, 1000]) {
      for (const group of [100, 1000]) {
        if (quick && (ids === "given") !== (group === 1000)) continue;
        progress(`appends: ids ${ids}, groups of ${group}, ${count(organizations)} organizations`);
        const path = join(directory, `append-${ids}-${organizations}-${group}.db`);
        const events = quick ? 40_000 : 100_000;
        const parameters: AppendParameters = { path, events, ids, group, organizations };
        const cost = await runJob<Cost>("append", parameters, { signal, timeoutSeconds: 60 });
        rows.push({ ids, group, organizations, ...cost });
      }
    }
  }
  return rows;
}

export function appendTable(rows: readonly AppendRow[], parts: Parts | undefined): Table {
  return {
    title: "Durable append: object → validated → serialised → fsynced in store-sqlite → acknowledged",
    columns: ["ids, organizations, group", "events/s", "CPU s per million", ...(parts ? ["CPU: x parts"] : [])],
    rows: rows.map((row) => [
      `${row.ids}, ${count(row.organizations)}, ${count(row.group)}`,
      count(rateOf(row)),
      decimal(cpuPerMillion(row)),
      ...(parts ? [decimal(cpuPerMillion(row) / cpuPerMillion(floorOf(row, parts)))] : []),
    ]),
    notes: [
      `${appendsAtATime} appends under way at a time.`,
      ...(parts ? ["Parts: schema check + stringify + write and fdatasync in groups of the same size."] : []),
    ],
  };
}

function floorOf({ group }: AppendRow, parts: Parts): Cost {
  return sumOfParts(parts, ["validate", "stringify", group === 100 ? "write100" : "write1000"]);
}
