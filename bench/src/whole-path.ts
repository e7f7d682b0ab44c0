import { rmSync } from "node:fs";
import { join } from "node:path";
import type { BenchRun } from "./bench-run.ts";
import { type Cost, cpuPerMillion, rateOf, secondsPerMillion } from "./cost.ts";
import { sumOfParts } from "./parts.ts";
import type { PartName, Parts } from "./parts-job.ts";
import { peer, peerSource } from "./peer.ts";
import { runHeadgate } from "./processes.ts";
import { realServer, removeObjects } from "./real-server.ts";
import { type Destination, discarding, type StreamConfig, writeStreamConfig } from "./stream-config.ts";
import { type SyntheticSettings, writeSyntheticFile } from "./synthetic-events.ts";
import { count, decimal, megabytes, type Table } from "./table.ts";

/** One whole path, measured. */
export interface PathRow extends Cost {
  readonly name: string;
  readonly title: string;
  readonly compression: StreamConfig["compression"];
  readonly organizations: number;
  /** Of the file that was read. */
  readonly inputBytes: number;
  /** Bytes. */
  readonly peakRss: number;
  /** Undefined where the server does not tell. */
  readonly objects?: number;
  /** Bytes stored. Undefined where the server does not tell. */
  readonly storedBytes?: number;
}

interface InputFile {
  readonly path: string;
  readonly events: number;
  readonly bytes: number;
}

const compressionParts: Readonly<Record<StreamConfig["compression"], readonly PartName[]>> = {
  none: [],
  gzip: ["gzip6"],
  zstd: ["zstd3"],
};

/** Measures `headgate run --once` from an NDJSON file to S3, a process for each row. */
export async function measurePaths(run: BenchRun): Promise<PathRow[]> {
  const { quick, large, directory, sink, progress } = run;
  const rows: PathRow[] = [];

  async function withFile(
    name: string,
    events: number,
    made: SyntheticSettings,
    use: (file: InputFile) => Promise<void>,
  ) {
    progress(`${count(events)} synthetic events`);
    const path = join(directory, `${name}.ndjson`);
    const bytes = writeSyntheticFile(path, events, made);
    try {
      await use({ path, events, bytes });
    } finally {
      rmSync(path, { force: true });
    }
  }

  const discard = discarding(sink.endpoint);
  const events = sizeOf(run);
  await withFile("one", events, { organizations: 1, perHour: Math.ceil(events / 3) }, async (file) => {
    for (const compression of ["none", "gzip", "zstd"] as const) {
      rows.push(await measureOne(run, file, { name: compression, compression, organizations: 1, to: discard }));
    }
    const real = realServer();
    if (real === undefined) return;
    try {
      rows.push(await measureOne(run, file, { name: "real", compression: "gzip", organizations: 1, to: real }));
    } finally {
      await removeObjects(real);
    }
  });
  // In one hour: an object for each organization.
  const organizations = quick ? 100 : 1000;
  await withFile("many", organizations * (large ? 1000 : 500), { organizations }, async (file) => {
    const name = `gzip-${organizations}`;
    rows.push(await measureOne(run, file, { name, compression: "gzip", organizations, to: discard }));
  });
  return rows;
}

function sizeOf({ quick, large }: BenchRun): number {
  if (quick) return 150_000;
  return large ? 1_000_000 : 500_000;
}

interface Wanted {
  readonly name: string;
  readonly compression: StreamConfig["compression"];
  readonly organizations: number;
  readonly to: Destination;
}

async function measureOne(run: BenchRun, file: InputFile, wanted: Wanted): Promise<PathRow> {
  const { directory, sink, signal, progress } = run;
  const { name, compression, organizations, to } = wanted;
  const counted = to.endpoint === sink.endpoint;
  const where = counted ? "" : ` (${to.endpoint})`;
  const title = `S3, ${compression}${organizations > 1 ? `, ${count(organizations)} organizations` : ""}${where}`;
  progress(`whole path: ${title}`);
  const store = join(directory, `${name}.db`);
  const config = writeStreamConfig({
    directory,
    store,
    source: file.path,
    organizations,
    compression,
    destination: to,
  });
  await sink.take();
  const ended = await runHeadgate(["run", "-c", config, "--once", "--json"], { signal, timeoutSeconds: 300 });
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${store}${suffix}`, { force: true });
  if (ended.code !== 0 || ended.usage === undefined) throw new Error(`headgate run failed:\n${ended.stderr}`);
  const received = counted ? await sink.take() : undefined;
  if (received !== undefined && received.events !== file.events) {
    throw new Error(`${title}: the server received ${received.events} of ${file.events} events`);
  }
  return {
    name,
    title,
    compression,
    organizations,
    events: file.events,
    inputBytes: file.bytes,
    seconds: ended.seconds,
    cpuSeconds: ended.usage.cpuSeconds,
    peakRss: ended.usage.peakRss,
    ...(received && { objects: received.objects, storedBytes: received.bytes }),
  };
}

export function pathTable(rows: readonly PathRow[], parts: Parts): Table {
  return {
    title: "Whole path: NDJSON file → headgate run --once → S3 server (a process from start to exit)",
    columns: [
      "path",
      "events/s",
      "MB/s in",
      "CPU s per million",
      "peak RSS MB",
      "objects",
      "stored MB",
      "CPU: x parts",
      "time: x parts",
    ],
    rows: rows.map((row) => {
      const floor = sumOfParts(parts, [
        "parse",
        "validate",
        "write1000",
        ...compressionParts[row.compression],
        "hash",
        "putHttp",
      ]);
      return [
        row.title,
        count(rateOf(row)),
        decimal(row.inputBytes / 1e6 / row.seconds),
        decimal(cpuPerMillion(row)),
        megabytes(row.peakRss),
        row.objects === undefined ? "-" : count(row.objects),
        row.storedBytes === undefined ? "-" : megabytes(row.storedBytes),
        decimal(cpuPerMillion(row) / cpuPerMillion(floor)),
        decimal(secondsPerMillion(row) / secondsPerMillion(floor)),
      ];
    }),
    notes: [
      "Parts: parse + schema check + write and fdatasync in groups of 1,000 + compression + sha1 and sha256 + PUT by",
      "node:http, one after another on one thread. A time below 1 is work done on several threads.",
      "CPU and peak RSS are told by the process itself as it exits: all of its threads; VmHWM. Start-up is in them:",
      "about half a CPU second, and the runtime's warm-up, which weigh the more the fewer events there are.",
    ],
  };
}

export function peerTable(
  rows: readonly (Cost & { readonly name: string; readonly title: string })[],
): Table | undefined {
  const compared = rows.flatMap((row) => {
    const other = peer[row.name];
    return other === undefined ? [] : [{ row, other }];
  });
  if (compared.length === 0) return undefined;
  return {
    title: "Beside a peer's figures of ANOTHER run: read ratios, not absolutes",
    columns: ["path", "peer events/s", "peer CPU s per million", "peer RSS MB", "events/s: x peer", "CPU: x peer"],
    rows: compared.map(({ row, other }) => [
      row.title,
      count(other.eventsPerSecond),
      decimal(other.cpuPerMillion),
      count(other.peakRssMb),
      decimal(rateOf(row) / other.eventsPerSecond),
      decimal(cpuPerMillion(row) / other.cpuPerMillion),
    ]),
    notes: [`Peer: ${peerSource}.`],
  };
}
