import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { watch } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { DeliveryResult } from "@headgate/core";
import { expect, it } from "vitest";
import { folderObjects } from "./folder-objects.ts";
import { incompleteFolder } from "./incomplete.ts";
import { temporaryFolder } from "./temporary-folder.fixture.ts";

// The process delivers large files, four at a time, until it is killed, and prints what became of each.
const writer = `
  import { randomBytes } from "node:crypto";
  import { writeSync } from "node:fs";
  import { auditEvent, chunkOf, deliveryContext, sinkContext } from "@headgate/sink-testkit";
  import { fileSink } from "./src/index.ts";
  const [directory, first] = process.argv.slice(1);
  const sink = fileSink().create({ directory }, sinkContext());
  const noise = randomBytes(6 * 1024 * 1024).toString("base64");
  for (const lane of [0, 1, 2, 3]) void run(Number(first) + lane);
  async function run(sequence) {
    const chunk = chunkOf(sink, [auditEvent({ sequence, metadata: { noise } })]);
    writeSync(1, JSON.stringify(await sink.deliver(chunk, deliveryContext())) + "\\n");
    await run(sequence + 4);
  }
`;
const kills = 10;

/** Runs the process, kills it with SIGKILL at a random moment after its first files, and says what it had delivered. */
async function writeAndKill(directory: string, first: number): Promise<readonly string[]> {
  const args = ["--conditions=@headgate/source", "--input-type=module", "-e", writer, directory, String(first)];
  const cwd = join(import.meta.dirname, "..");
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 120_000,
    killSignal: "SIGKILL",
  });
  const exit = once(child, "exit");
  let changes = 0;
  const watcher = watch(join(directory, incompleteFolder), () => {
    // By then some files are done, and others are in the making.
    if (changes++ === 20) void sleep(Math.random() * 20).then(() => child.kill("SIGKILL"));
  });
  const lines = (await text(child.stdout)).split("\n").slice(0, -1);
  await exit;
  watcher.close();
  return lines.map((line) => {
    const result = JSON.parse(line) as DeliveryResult;
    if (result.status !== "delivered") throw new Error(line);
    return result.receipt;
  });
}

it("leaves whole files alone under their names, wherever a process is killed with SIGKILL", async () => {
  await using folder = await temporaryFolder();
  const incomplete = join(folder.path, incompleteFolder);
  await mkdir(incomplete);
  const delivered: string[] = [];
  for (let kill = 0; kill < kills; kill++) delivered.push(...(await writeAndKill(folder.path, 1 + kill * 1000)));
  // Kills that leave nothing behind have all hit between two files, and prove nothing.
  expect(await readdir(incomplete)).not.toEqual([]);

  const found: string[] = [];
  const damaged: string[] = [];
  for await (const object of folderObjects(folder.path)) {
    const sha1 = createHash("sha1");
    for await (const part of object.read()) sha1.update(part as Buffer);
    if (!object.key.endsWith(`_${sha1.digest("hex")}`)) damaged.push(object.key);
    found.push(object.key);
  }
  expect(damaged).toEqual([]);
  expect(found).toEqual(expect.arrayContaining(delivered));
  expect(delivered).not.toEqual([]);
});
