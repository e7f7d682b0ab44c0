import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { main } from "../main.ts";
import { capturedTerminal } from "../testing/captured-terminal.ts";
import { startHeadgate } from "../testing/headgate-process.ts";
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts";

const yaml = `
store: { kind: sqlite, path: ./data/headgate.db }
streams:
  - { id: acme-files, organization: acme, sink: file, options: { directory: ./out }, flush: { max_events: 10, max_age: 50ms } }
  - { id: globex-files, organization: globex, sink: file, options: { directory: ./globex } }
delivery: { lease_ttl: 1s }
digests: { key: "\${file:./key.pem}" }
`;

async function here(folder: TemporaryFolder, ...args: readonly string[]): Promise<string> {
  const terminal = capturedTerminal();
  const config = args[0] === "audit" ? [] : ["-c", join(folder.path, "headgate.yaml")];
  const code = await main([...args, ...config], terminal);
  if (code !== 0 && args[0] !== "audit") throw new Error(`${code}: ${terminal.stderr()}`);
  return terminal.stdout();
}

async function deliver(folder: TemporaryFolder, count: number): Promise<void> {
  const line = `{"action":"a.b","actor":{"type":"user","id":"u"}}\n`;
  const file = folder.write("events.ndjson", line.repeat(count));
  await here(folder, "ingest", file, "--organization", "acme");
  await here(folder, "run", "--once");
}

test("a range goes into another stream of the organization, whose bucket stays proven", async () => {
  using folder = temporaryFolder();
  folder.write("headgate.yaml", yaml);
  folder.write("key.pem", String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })));
  const late = join(folder.path, "late");
  const audited = async (): Promise<Record<string, unknown>> =>
    JSON.parse(await here(folder, "audit", late, "--json")) as Record<string, unknown>;
  await deliver(folder, 20);
  const options = folder.write("options.yaml", `directory: ${late}\n`);
  const created = ["--organization", "acme", "--sink", "file", "--options", options, "--id", "late", "--from", "now"];
  await here(folder, "streams", "create", ...created, "--no-verify");
  await deliver(folder, 5);
  const before = await audited();
  expect(before).toMatchObject({ complete: true, findings: [] });

  const into = ["--first-sequence", "5", "--last-sequence", "12", "--into", "late"];
  {
    // A runner that is at work stores the range; the digest that names it comes with the hour.
    await using runner = startHeadgate(["run", "-c", "headgate.yaml"], { cwd: folder.path });
    await runner.said("running");
    await here(folder, "streams", "replay", "acme-files", ...into);
    const status = async (): Promise<string> => here(folder, "streams", "replay", "late", "--status");
    while (!(await status()).includes("is done")) await wait(100);
  }
  const events = Number(before["events"]);
  const unnamed = await audited();
  expect(unnamed).toMatchObject({ complete: true, findings: [], first_sequence: 5, gaps: [] });
  expect(unnamed).toMatchObject({ chains: [{ stream: "late", before: { events: 8 } }] });

  // Once a digest names it, and asked for a second time, nothing is repeated.
  const objects = readdirSync(late, { recursive: true }).length;
  await here(folder, "streams", "replay", "acme-files", ...into);
  await here(folder, "run", "--once");
  const named = await audited();
  expect(named).toMatchObject({ complete: true, findings: [], duplicates: [], first_sequence: 5 });
  expect(named).toMatchObject({ chains: [{ stream: "late", before: { events: 0 } }] });
  // The two replays are told of in events of their own.
  expect(named["events"]).toBe(events + 8 + 2);
  expect(readdirSync(late, { recursive: true }).length).toBeGreaterThan(objects);
  const told = await here(folder, "export", "--organization", "acme", "--action", "headgate.stream.replayed");
  expect(told).toContain('"targets":[{"type":"headgate.stream","id":"late","name":"late"}]');
  expect(told).toContain('"asked_of":"acme-files"');

  // What a replay has stored is the stream's as everything else is: it comes back too.
  const gone =
    readdirSync(late, { recursive: true, encoding: "utf8" })
      .filter((name) => /^year=.*_[0-9a-f]{40}$/.test(name))
      .find((name) => readFileSync(join(late, name), "utf8").includes('"sequence":5}')) ?? "";
  const bytes = readFileSync(join(late, gone));
  rmSync(join(late, gone));
  folder.write("report.json", JSON.stringify(await audited()));
  expect(await here(folder, "repair", "--report", join(folder.path, "report.json"))).toContain("8 events");
  expect(readFileSync(join(late, gone))).toEqual(bytes);

  // Another organization's stream is as unknown as one that never was.
  for (const other of ["globex-files", "nobody"]) {
    const refused = here(folder, "streams", "replay", "acme-files", "--into", other);
    await expect(refused).rejects.toThrow(`1: There is no stream "${other}"`);
  }
});
