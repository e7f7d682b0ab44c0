import { copyFileSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../main.ts";
import { capturedTerminal } from "../testing/captured-terminal.ts";
import { headgate, type HeadgateResult, startHeadgate } from "../testing/headgate-process.ts";
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts";

const yaml = `store: { kind: sqlite, path: ./data/headgate.db }
streams:
  - { id: acme-files, organization: acme, sink: file, options: { directory: ./out }, flush: { max_age: 50ms } }
`;

const lines = (from: number, count: number): string =>
  Array.from(
    { length: count },
    (_, i) => `{"id":"e-${from + i}","action":"a.b","actor":{"type":"user","id":"u"}}\n`,
  ).join("");

async function here(folder: TemporaryFolder, ...args: readonly string[]): Promise<HeadgateResult> {
  const terminal = capturedTerminal();
  const code = await main([...args, "-c", join(folder.path, "headgate.yaml")], terminal);
  return { code, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

async function ingest(folder: TemporaryFolder, from: number, count: number): Promise<void> {
  const file = folder.write("events.ndjson", lines(from, count));
  const { code, stderr } = await here(folder, "ingest", file, "--organization", "acme");
  if (code !== 0) throw new Error(stderr);
}

test("a backup is restored: no sequence is given twice", async () => {
  using folder = temporaryFolder();
  folder.write("headgate.yaml", yaml);
  await ingest(folder, 1, 5);
  const copy = join(folder.path, "copy.db");
  expect(await here(folder, "backup", "--to", copy)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("copy.db") as string,
  });
  await ingest(folder, 6, 5);

  // Never over a store that is there.
  expect(await here(folder, "restore", "--from", copy)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Move the store's files") as string,
  });
  renameSync(join(folder.path, "data"), join(folder.path, "data-of-before"));
  // Put in place by hand it is refused, by every command.
  mkdirSync(join(folder.path, "data"));
  copyFileSync(copy, join(folder.path, "data/headgate.db"));
  expect(await here(folder, "status")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/is a backup of .*headgate restore/) as string,
  });
  rmSync(join(folder.path, "data"), { recursive: true });

  const { code, stdout } = await here(folder, "restore", "--from", copy);
  expect([code, stdout.split("\n")[0]]).toEqual([
    0,
    "The store goes on: 1 organization with sequences that were never given, 0 streams with another chain of digests.",
  ]);
  await ingest(folder, 6, 2);
  const exported = await here(folder, "export", "--organization", "acme");
  const sequences = exported.stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { readonly sequence: number }).sequence);
  const next = sequences[5] ?? 0;
  expect(next).toBeGreaterThan(1_000_000_000);
  expect(sequences).toEqual([1, 2, 3, 4, 5, next, next + 1]);
});

test("a restoration is refused beside a runner, and where there is nothing to restore", async () => {
  using folder = temporaryFolder();
  folder.write("headgate.yaml", yaml);
  expect(await here(folder, "restore")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Name a backup with --from") as string,
  });
  expect(await here(folder, "restore", "--from", join(folder.path, "none"))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("(ENOENT)") as string,
  });
  expect(existsSync(join(folder.path, "data/headgate.db"))).toBe(false);
  {
    await using runner = startHeadgate(["run", "-c", "headgate.yaml"], { cwd: folder.path });
    await runner.said("acme-files");
    const refused = await headgate(["restore", "-c", "headgate.yaml"], { cwd: folder.path });
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("A runner uses the store. Stop every runner first.") as string,
    });
  }
  // What was refused has changed nothing.
  expect(await here(folder, "status")).toMatchObject({ code: 0 });
});

test("a folder that was copied is refused until somebody says what it is", async () => {
  using folder = temporaryFolder();
  folder.write("headgate.yaml", yaml);
  await ingest(folder, 1, 5);
  cpSync(join(folder.path, "data"), join(folder.path, "kept"), { recursive: true, preserveTimestamps: true });
  rmSync(join(folder.path, "data"), { recursive: true });
  renameSync(join(folder.path, "kept"), join(folder.path, "data"));
  expect(await here(folder, "run", "--once")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/is a copy.*headgate restore --moved/s) as string,
  });
  expect(await here(folder, "restore", "--moved", "--from", "copy.db")).toMatchObject({ code: 2 });
  expect(await here(folder, "restore", "--moved")).toEqual({
    code: 0,
    stdout: "The store goes on as it was.\n",
    stderr: "",
  });
  expect(await here(folder, "run", "--once")).toMatchObject({ code: 0 });
});
