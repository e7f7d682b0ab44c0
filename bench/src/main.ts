import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { appendTable, measureAppends } from "./append.ts";
import { auditTable, measureAudits } from "./audit.ts";
import type { BenchRun } from "./bench-run.ts";
import { databaseTable, measureDatabase } from "./database.ts";
import { intakeTable, measureIntakes } from "./intake.ts";
import { measureMemory, memoryTable } from "./memory.ts";
import { measureParts, partsTable } from "./parts.ts";
import { packagesAre, startSinkServer } from "./processes.ts";
import { exportTable, measureService, streamsTable } from "./service.ts";
import { readSettings, type Section, type Settings, usage } from "./settings.ts";
import { tableText, type Table } from "./table.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { measurePaths, pathTable, peerTable } from "./whole-path.ts";

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => {
    process.exitCode = 1;
    stop.abort(new Error("stopped by a signal"));
  });
}

try {
  const settings = readSettings(process.argv.slice(2));
  if (settings === "help") process.stdout.write(usage);
  else await bench(settings);
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  const misused = code?.startsWith("ERR_PARSE_ARGS") === true;
  process.stderr.write(`${stop.signal.aborted ? "Stopped." : message}\n${misused ? usage : ""}`);
  process.exitCode = 1;
}

async function bench({ only, quick, large, json, directory }: Settings): Promise<void> {
  const began = performance.now();
  using folder = temporaryFolder(directory);
  await using sink = await startSinkServer();
  const progress = (what: string): void => {
    stop.signal.throwIfAborted();
    process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${what}\n`);
  };
  const run: BenchRun = { quick, large, directory: folder.path, sink, signal: stop.signal, progress };
  const wants = (section: Section): boolean => only.has(section);
  const print = (table: Table | undefined): void => void (table && process.stdout.write(`${tableText(table)}\n`));

  const machine = {
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    threads: availableParallelism(),
    load: loadavg()[0] ?? 0,
    packages: packagesAre,
  };
  process.stdout.write(
    `Headgate bench, ${machine.date}: Node ${machine.node}, ${machine.threads} × ${machine.cpu}, load ${machine.load.toFixed(1)}, packages ${machine.packages}\n` +
      "Synthetic audit events of about 650 bytes, the same in every run. CPU is user + system of all threads.\n\n",
  );
  if (machine.load > machine.threads / 2) {
    process.stdout.write("The machine is busy with other work: read ratios, and CPU before the clock.\n\n");
  }
  if (folder.inMemory)
    process.stdout.write("The temporary folder is in memory: syncs cost nothing here. Use --dir.\n\n");

  const parts = wants("parts") || wants("path") || wants("intake") ? await measureParts(run) : undefined;
  if (parts !== undefined) print(partsTable(parts));
  const append = wants("append") ? await measureAppends(run) : undefined;
  if (append !== undefined) print(appendTable(append, parts));
  const database = wants("postgres") ? await measureDatabase(run) : undefined;
  if (database !== undefined) print(databaseTable(database));
  const path = wants("path") ? await measurePaths(run) : undefined;
  if (path !== undefined && parts !== undefined) print(pathTable(path, parts));
  // Start-up weighs too much in a quick run for a comparison.
  if (path !== undefined && !quick) print(peerTable(path));
  const intake = wants("intake") ? await measureIntakes(run) : undefined;
  if (intake !== undefined && parts !== undefined) print(intakeTable(intake, parts));
  if (intake !== undefined && !quick) print(peerTable(intake));
  const memory = wants("memory") ? await measureMemory(run) : undefined;
  if (memory !== undefined) print(memoryTable(memory));

  const service = wants("service") ? await measureService(run) : undefined;
  if (service !== undefined) {
    print(streamsTable(service.streams));
    print(exportTable(service.exports));
  }

  const audits = wants("audit") ? await measureAudits(run) : undefined;
  if (audits !== undefined) print(auditTable(audits));

  if (json !== undefined) {
    writeFileSync(
      json,
      `${JSON.stringify({ machine, quick, parts, append, database, path, intake, memory, service, audits }, undefined, 2)}\n`,
    );
  }
  process.stderr.write(`Done in ${((performance.now() - began) / 1000).toFixed(0)} s.\n`);
}
