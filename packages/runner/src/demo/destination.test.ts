import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

  it("loses nothing of a writer that goes on meanwhile", async () => {
    using folder = temporaryFolder();
    const directory = join(folder.path, "acme");
    const destination = createDestination(directory);
    const written: string[] = [];
    let done = false;
    const writing = (async () => {
      for (let i = 0; !done; i++) {
        try {
          await mkdir(join(directory, "hour"), { recursive: true });
          await writeFile(join(directory, "hour", String(i)), String(i));
          written.push(String(i));
        } catch {
          // Broken just now.
        }
      }
    })();
    for (let i = 0; i < 200; i++) {
      destination.break();
      await new Promise((resolve) => setImmediate(resolve));
      destination.mend();
      await new Promise((resolve) => setImmediate(resolve));
    }
    done = true;
    await writing;
    for (const name of written) expect(await readFile(join(directory, "hour", name), "utf8")).toBe(name);
    expect(written.length).toBeGreaterThan(0);
  });
});
