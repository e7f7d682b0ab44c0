import type { AuditEvent, Store } from "@headgate/core";
import { sqliteStore } from "@headgate/store-sqlite";
import { spawn } from "node:child_process";
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const script = fileURLToPath(new URL("./testing/ingest-process.ts", import.meta.url));
/** Without an id of its own; every 97th cannot become an event. */
const line = (n: number): string =>
  n % 97 === 0 ? `{"bad":${n}\n` : `{"action":"a","actor":{"type":"user","id":"${n}"}}\n`;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => line(from + i)).join("");
const isEvent = (n: number): boolean => n % 97 !== 0;

/** Runs the process. `alive` is called once it has stored something and may kill it. Resolves to its last words. */
async function run(
  database: string,
  path: string,
  mode: string,
  alive: (kill: () => void) => void,
): Promise<string | undefined> {
  const child = spawn(process.execPath, ["--conditions=@headgate/source", script, database, path, mode], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let told = false;
  let last: string | undefined;
  let complaint = "";
  child.stderr.on("data", (data: Buffer) => (complaint += data.toString()));
  child.stdout.on("data", (data: Buffer) => {
    last = data.toString().trimEnd().split("\n").at(-1);
    if (told) return;
    told = true;
    alive(() => void child.kill("SIGKILL"));
  });
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  child.on("error", reject);
  child.on("close", (code, signal) => {
    if (code === 0 || signal === "SIGKILL") resolve(last);
    else reject(new Error(`the process ended with ${code ?? signal}: ${complaint}`));
  });
  return promise;
}

async function stored(store: Store): Promise<number[]> {
  const found: number[] = [];
  for await (const group of store.journal.read("org_1", { after: 0 })) {
    for (const text of Buffer.from(group.body).toString().trimEnd().split("\n")) {
      const { actor, sequence } = JSON.parse(text) as AuditEvent;
      expect(sequence).toBe(found.length + 1);
      found.push(Number(actor.id));
    }
  }
  return found;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe("fileSource in a process that is killed", () => {
  it("stores each line once and in order, and sets each bad line apart once", async () => {
    using folder = temporaryFolder();
    const path = folder.write("events.ndjson", lines(1, 40_000));
    const database = `${folder.path}/headgate.db`;
    let kills = 0;
    for (let attempt = 0; attempt < 5; attempt++) {
      const last = await run(database, path, "once", (kill) => void setTimeout(kill, Math.random() * 200));
      if (last?.startsWith("done") !== true) kills++;
    }
    expect(kills).toBeGreaterThan(0);
    expect(await run(database, path, "once", () => {})).toMatch(/^done/);
    await using store = sqliteStore({ path: database });
    await store.open();
    expect(await stored(store)).toEqual(numbers(40_000).filter(isEvent));
    const rejected = await store.quarantine.rejected();
    expect(rejected.map((one) => one.line).sort((a, b) => a - b)).toEqual(numbers(40_000).filter((n) => !isEvent(n)));
  });

  it("follows a file that grows and is rotated meanwhile, and misses nothing", async () => {
    using folder = temporaryFolder();
    const path = folder.write("events.ndjson", lines(1, 2000));
    const database = `${folder.path}/headgate.db`;
    let written = 2000;
    for (let attempt = 0; attempt < 4; attempt++) {
      await run(database, path, "follow", (kill) => {
        void (async () => {
          for (let i = 0; i < 4; i++) {
            await pause(Math.random() * 40);
            const text = lines(written + 1, written + 500);
            const middle = Math.floor(Math.random() * text.length);
            appendFileSync(path, text.slice(0, middle));
            await pause(Math.random() * 10);
            appendFileSync(path, text.slice(middle));
            written += 500;
          }
          if (attempt % 2 === 1) {
            renameSync(path, `${path}.${attempt}`);
            writeFileSync(path, lines(written + 1, written + 100));
            written += 100;
          }
          await pause(Math.random() * 40);
          kill();
        })();
      });
    }
    expect(await run(database, path, "once", () => {})).toMatch(/^done/);
    await using store = sqliteStore({ path: database });
    await store.open();
    expect(await stored(store)).toEqual(numbers(written).filter(isEvent));
    expect(await store.quarantine.rejected()).toHaveLength(numbers(written).filter((n) => !isEvent(n)).length);
  });
});
