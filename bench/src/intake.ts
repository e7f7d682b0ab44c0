import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchRun } from "./bench-run.ts";
import { type Cost, cpuPerMillion, rateOf, secondsPerMillion } from "./cost.ts";
import { sumOfParts } from "./parts.ts";
import type { PartName, Parts } from "./parts-job.ts";
import { runHeadgate } from "./processes.ts";
import { writeSyntheticFile } from "./synthetic-events.ts";
import { count, decimal, megabytes, type Table } from "./table.ts";

/** One path to a log intake, measured. */
export interface IntakeRow extends Cost {
  readonly name: string;
  readonly title: string;
  readonly compression: "none" | "gzip";
  /** Bytes. */
  readonly peakRss: number;
  readonly requests: number;
  /** Bytes on the wire. */
  readonly sentBytes: number;
}

interface Wanted {
  readonly name: string;
  readonly title: string;
  readonly compression: IntakeRow["compression"];
  readonly sink: "splunk" | "datadog";
  readonly options: (endpoint: string) => object;
}

const hec = (name: string, compression: IntakeRow["compression"], acknowledged: boolean): Wanted => ({
  name,
  title: `Splunk HEC, ${compression}${acknowledged ? ", acknowledged" : ""}`,
  compression,
  sink: "splunk",
  options: (endpoint) => ({
    url: endpoint,
    token: acknowledged ? "ack" : "plain",
    index: "audit",
    acknowledge: acknowledged ? "required" : "off",
    compression,
  }),
});

const datadog = (name: string, compression: IntakeRow["compression"]): Wanted => ({
  name,
  title: `Datadog, ${compression}`,
  compression,
  sink: "datadog",
  options: (endpoint) => ({ url: endpoint, api_key: "bench", service: "bench", compression }),
});

const wanted: readonly Wanted[] = [
  hec("hec-none", "none", false),
  hec("hec-gzip", "gzip", false),
  hec("hec-none-ack", "none", true),
  hec("hec-gzip-ack", "gzip", true),
  datadog("datadog-none", "none"),
  datadog("datadog-gzip", "gzip"),
];

/** Measures `headgate run --once` from an NDJSON file to a log intake, a process for each row. */
export async function measureIntakes(run: BenchRun): Promise<IntakeRow[]> {
  const { quick, large, directory, progress } = run;
  const events = quick ? 100_000 : large ? 1_000_000 : 300_000;
  progress(`${count(events)} synthetic events`);
  const source = join(directory, "intake.ndjson");
  // Datadog takes nothing older than 18 hours, and the synthetic events have a day of their own: they are re-stamped.
  writeSyntheticFile(source, events, { organizations: 1, perHour: Math.ceil(events / 3) });
  const rows: IntakeRow[] = [];
  for (const one of wanted) rows.push(await measureOne(run, source, events, one));
  // Acknowledged requests wait: they are rows of their own, and a smaller run would say the same.
  rmSync(source, { force: true });
  return rows;
}

async function measureOne(
  { directory, sink: server, signal, progress }: BenchRun,
  source: string,
  events: number,
  { name, title, compression, sink, options }: Wanted,
): Promise<IntakeRow> {
  progress(`intake: ${title}`);
  const store = join(directory, `${name}.db`);
  const config = join(directory, "headgate.json");
  const stale = sink === "datadog" ? { stale: "restamp" } : {};
  const content = {
    store: { kind: "sqlite", path: store },
    sources: [{ kind: "file", path: source, organization: { from: "organization.id" } }],
    streams: [{ id: name, organization: "org_0", sink, options: { ...options(server.endpoint), ...stale } }],
    allow_insecure_endpoint: true,
    log: { level: "warn" },
  };
  writeFileSync(config, JSON.stringify(content));
  await server.take();
  const ended = await runHeadgate(["run", "-c", config, "--once", "--json"], { signal, timeoutSeconds: 600 });
  for (const suffix of ["", "-wal", "-shm", "-mark"]) rmSync(`${store}${suffix}`, { force: true });
  if (ended.code !== 0 || ended.usage === undefined) throw new Error(`headgate run failed:\n${ended.stderr}`);
  const { streams } = JSON.parse(ended.stdout) as { readonly streams: readonly { readonly delivered: number }[] };
  if (streams[0]?.delivered !== events)
    throw new Error(`${title}: ${streams[0]?.delivered} of ${events} events delivered`);
  const { objects, bytes } = await server.take();
  const { cpuSeconds, peakRss } = ended.usage;
  return {
    name,
    title,
    compression,
    events,
    seconds: ended.seconds,
    cpuSeconds,
    peakRss,
    requests: objects,
    sentBytes: bytes,
  };
}

export function intakeTable(rows: readonly IntakeRow[], parts: Parts): Table {
  const floorOf = ({ compression }: IntakeRow): ReturnType<typeof sumOfParts> => {
    const packing: readonly PartName[] = compression === "gzip" ? ["gzip1"] : [];
    return sumOfParts(parts, ["parse", "validate", "write1000", ...packing, "putHttp"]);
  };
  return {
    title: "Log intakes: NDJSON file → headgate run --once → HEC or Datadog server (a process from start to exit)",
    columns: [
      "path",
      "events/s",
      "CPU s per million",
      "peak RSS MB",
      "requests",
      "sent MB",
      "CPU: x parts",
      "time: x parts",
    ],
    rows: rows.map((row) => [
      row.title,
      count(rateOf(row)),
      decimal(cpuPerMillion(row)),
      megabytes(row.peakRss),
      count(row.requests),
      megabytes(row.sentBytes),
      decimal(cpuPerMillion(row) / cpuPerMillion(floorOf(row))),
      decimal(secondsPerMillion(row) / secondsPerMillion(floorOf(row))),
    ]),
    notes: [
      "One stream has one request under way at a time, so that a crash repeats one at most; acknowledged requests also",
      "wait for the indexer, here as long as it takes to ask. The parts are those of S3 without the hashes.",
    ],
  };
}
