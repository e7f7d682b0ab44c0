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

// The process delivers large files, one after another, until it is killed, and prints what became of each.
const writer = `
  import { randomBytes } from "node:crypto";
  import { writeSync } from "node:fs";
  import { auditEvent, chunkOf, deliveryContext, sinkContext } from "@headgate/sink-testkit";
  import { fileSink } from "./src/index.ts";
  const [directory, first] = process.argv.slice(1);
  const sink = fileSink().create({ directory }, sinkContext());
  for (let sequence = Number(first); ; sequence++) {
    const noise = randomBytes(6 * 1024 * 1024).toString("base64");
    const chunk = chunkOf(sink, [auditEvent({ sequence, metadata: { noise } })]);
    writeSync(1, JSON.stringify(await sink.deliver(chunk, deliveryContext())) + "\\n");
  }
`;
const mostKills = 60;
const kills = 8;

/** Runs the process, kills it with SIGKILL while it writes its third file or so, and says what it had delivered. */
async function writeAndKill(directory: string, first: number): Promise<readonly string[]> {
  const args = ["--conditions=@headgate/source", "--input-type=module", "-e", writer, directory, String(first)];
  const cwd = join(import.meta.dirname, "..");
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 30_000,
    killSignal: "SIGKILL",
  });
  const exit = once(child, "exit");
  let changes = 0;
  const watcher = watch(join(directory, incompleteFolder), () => {
    // Two files come and go; what changes then is one in the making.
    if (changes++ === 8) void sleep(Math.random() * 5).then(() => child.kill("SIGKILL"));
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
  for (let kill = 0; kill < mostKills && (await readdir(incomplete)).length < kills; kill++) {
    delivered.push(...(await writeAndKill(folder.path, 1 + kill * 1000)));
  }
  // A kill that leaves nothing behind has hit between two files, and proves nothing.
  expect((await readdir(incomplete)).length).toBe(kills);

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
  expect(delivered.length).toBeGreaterThan(0);
}, 120_000);
