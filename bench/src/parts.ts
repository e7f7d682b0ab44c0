import type { BenchRun } from "./bench-run.ts";
import { type Cost, cpuPerMillion, rateOf } from "./cost.ts";
import type { PartName, Parts, PartsParameters } from "./parts-job.ts";
import { runJob } from "./processes.ts";
import { count, decimal, type Table } from "./table.ts";

const titles: Readonly<Record<PartName, string>> = {
  parse: "JSON.parse of a line's bytes",
  validate: "schema check (ajv, no formats)",
  stringify: "JSON.stringify",
  gzip6: "gzip 6, 8 MiB bodies",
  gzip1: "gzip 1",
  zstd3: "zstd 3",
  hash: "sha1 + sha256, 8 MiB bodies",
  write1000: "write + fdatasync, groups of 1,000",
  write100: "write + fdatasync, groups of 100",
  putHttp: "PUT of 8 MiB, node:http",
  putSdk: "PUT of 8 MiB, AWS SDK with its defaults",
};

/** Measures the bare parts. */
export function measureParts({ quick, directory, sink, signal, progress }: BenchRun): Promise<Parts> {
  progress("the bare parts");
  const parameters: PartsParameters = { seconds: quick ? 0.2 : 1, directory, endpoint: sink.endpoint };
  return runJob<Parts>("parts", parameters, { signal, timeoutSeconds: 120 });
}

export function partsTable(parts: Parts): Table {
  return {
    title: "Bare parts on this machine, one thread each",
    columns: ["part", "events/s", "CPU s per million"],
    rows: Object.entries(parts).map(([name, cost]) => [
      titles[name as PartName],
      count(rateOf(cost)),
      decimal(cpuPerMillion(cost)),
    ]),
  };
}

/** Parts one after another, as one cost per event: what work made of them takes on one thread at best. */
export function sumOfParts(parts: Parts, names: readonly PartName[]): Cost {
  const costs = names.map((name) => parts[name]);
  return {
    events: 1,
    seconds: costs.reduce((sum, cost) => sum + cost.seconds / cost.events, 0),
    cpuSeconds: costs.reduce((sum, cost) => sum + cost.cpuSeconds / cost.events, 0),
  };
}
