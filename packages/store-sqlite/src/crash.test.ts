import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startChild } from "./testing/child.ts";
import { contents, gaps, openStore } from "./testing/contents.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

/** How often the process is killed: HEADGATE_CRASHES sets it for long runs. */
const crashes = Number(process.env["HEADGATE_CRASHES"] ?? 6);

const idOf = (line: string): string => line.split(" ").slice(0, 2).join(" ");

describe("a store whose process is killed", () => {
  it("holds every acknowledged event exactly once, without gaps", { timeout: 300_000 + crashes * 5000 }, async () => {
    await using folder = temporaryFolder();
    const path = folder.file("h.db");
    const acknowledged = new Set<string>();
    for (let round = 0; round < crashes; round++) {
      await using child = startChild("append", path, `r${round}`, "100000");
      // The first answers come at once, so the kill falls anywhere between a few appends and some hundreds.
      await child.printed(1);
      expect(child.lines().length).toBeGreaterThan(0);
      await wait(Math.random() * 150);
      await child.kill();
      for (const line of child.lines()) acknowledged.add(line);

      await using store = await openStore({ path });
      const stored = await contents(store);
      const ids = new Set(stored.map(idOf));
      expect(ids.size).toBe(stored.length);
      expect(gaps(stored)).toEqual([]);
      const held = new Set(stored);
      expect([...acknowledged].filter((line) => !held.has(line))).toEqual([]);
      expect(await store.check()).toEqual([]);
    }
    expect(acknowledged.size).toBeGreaterThan(crashes);
  });

  it("gives its leases to another process at once", async () => {
    await using folder = temporaryFolder();
    const path = folder.file("h.db");
    await using child = startChild("lease", path, "stream:s");
    await child.printed(1);
    expect(child.lines()).toEqual(["token 1"]);
    await using store = await openStore({ path });
    expect(await store.leases.acquire("stream:s", "the heir", 1000)).toBeUndefined();
    await child.kill();
    expect(await store.leases.acquire("stream:s", "the heir", 1000)).toMatchObject({ holder: "the heir", token: 2 });
  });
});

describe("two processes on one file", () => {
  it("give each id one sequence, whoever asks", async () => {
    await using folder = temporaryFolder();
    const path = folder.file("h.db");
    await using first = startChild("append", path, "first", "60");
    await using second = startChild("append", path, "second", "60");
    await Promise.all([first.ended(), second.ended()]);
    await using store = await openStore({ path });
    const stored = await contents(store);
    expect(gaps(stored)).toEqual([]);
    expect(new Set(stored.map(idOf)).size).toBe(stored.length);
    expect(new Set([...first.lines(), ...second.lines()])).toEqual(new Set(stored));
    expect(stored.filter((line) => line.includes(" shared-")).length).toBe(4 * 60);
  });
});
