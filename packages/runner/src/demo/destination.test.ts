import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { createDestination } from "./destination.ts";

describe("createDestination", () => {
  it("lets nobody write while it is broken, and gives everything back", () => {
    using folder = temporaryFolder();
    const directory = join(folder.path, "acme");
    const destination = createDestination(directory);
    mkdirSync(join(directory, "a"), { recursive: true });
    writeFileSync(join(directory, "a", "b"), "kept");
    destination.break();
    expect(destination.broken()).toBe(true);
    expect(() => writeFileSync(join(directory, "a", "c"), "")).toThrow("ENOTDIR");
    expect(() => mkdirSync(directory, { recursive: true })).toThrow("EEXIST");
    destination.mend();
    expect(destination.broken()).toBe(false);
    expect(readFileSync(join(directory, "a", "b"), "utf8")).toBe("kept");
    expect(readdirSync(folder.path)).toEqual(["acme"]);
  });

  it("breaks a folder that is not there yet", () => {
    using folder = temporaryFolder();
    const destination = createDestination(join(folder.path, "acme"));
    destination.break();
    expect(() => mkdirSync(join(folder.path, "acme", "x"), { recursive: true })).toThrow("ENOTDIR");
    destination.mend();
    expect(readdirSync(join(folder.path, "acme"))).toEqual([]);
  });

  it("knows what an earlier process left broken, and mends it", () => {
    using folder = temporaryFolder();
    const directory = join(folder.path, "acme");
    createDestination(directory).break();
    const destination = createDestination(directory);
    expect(destination.broken()).toBe(true);
    destination.mend();
    expect(destination.broken()).toBe(false);
  });

  it("puts together what was written to a folder made anew with what was moved away", () => {
    using folder = temporaryFolder();
    const directory = join(folder.path, "acme");
    for (const [place, name] of [
      ["acme", "new"],
      ["acme.moved-away", "old"],
    ] as const) {
      mkdirSync(join(folder.path, place, "hour"), { recursive: true });
      writeFileSync(join(folder.path, place, "hour", name), name);
    }
    createDestination(directory).mend();
    expect(readdirSync(join(directory, "hour"))).toEqual(["new", "old"]);
    expect(existsSync(`${directory}.moved-away`)).toBe(false);
  });

  it("leaves a file alone that is somebody else's", () => {
    using folder = temporaryFolder();
    folder.write("acme", "precious");
    const destination = createDestination(join(folder.path, "acme"));
    expect(destination.broken()).toBe(false);
    expect(() => destination.break()).toThrow("EEXIST");
    destination.mend();
    expect(readFileSync(join(folder.path, "acme"), "utf8")).toBe("precious");
  });

  it("loses nothing of a writer in another thread that goes on meanwhile", async () => {
    using folder = temporaryFolder();
    const directory = join(folder.path, "acme");
    const destination = createDestination(directory);
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(writer, { eval: true, workerData: { directory, stop } });
    const ended = once(worker, "message") as Promise<[readonly string[]]>;
    await once(worker, "online");
    for (let i = 0; i < 150; i++) {
      destination.break();
      expect(destination.broken()).toBe(true);
      await setTimeout(i % 3);
      destination.mend();
      await setTimeout(i % 3);
    }
    Atomics.store(stop, 0, 1);
    const [written] = await ended;
    expect(written.length).toBeGreaterThan(100);
    const kept = new Set(readdirSync(join(directory, "hour")));
    expect(written.filter((name) => !kept.has(name))).toEqual([]);
    expect(readdirSync(folder.path)).toEqual(["acme"]);
  });
});

/** Makes the folder and writes to it, as quickly as it can, and tells what it has written. */
const writer = `
const { parentPort, workerData: { directory, stop } } = require("node:worker_threads");
const { mkdirSync, writeFileSync } = require("node:fs");
const written = [];
for (let i = 0; Atomics.load(stop, 0) === 0; i++) {
  try {
    mkdirSync(directory + "/hour", { recursive: true });
    writeFileSync(directory + "/hour/" + i, String(i));
    written.push(String(i));
    Atomics.wait(stop, 0, 0, 0.2);
  } catch {}
}
parentPort.postMessage(written);
`;
