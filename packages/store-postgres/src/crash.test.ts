import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "@headgate/core";
import { readEvents } from "@headgate/store-testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster, withoutPostgres } from "../../../tests/database/cluster.ts";
import { startChild } from "./testing/child.ts";
import { contents, gaps, openStore } from "./testing/contents.ts";

/** How often a process, or the server, is killed: HEADGATE_CRASHES sets it for long runs. */
const crashes = Number(process.env["HEADGATE_CRASHES"] ?? 4);

const idOf = (line: string): string => line.split(" ").slice(0, 2).join(" ");

/** What was acknowledged is there, each id once, without gaps. */
async function assertHolds(store: Store, acknowledged: ReadonlySet<string>): Promise<void> {
  const stored = await contents(store);
  expect(gaps(stored)).toEqual([]);
  expect(new Set(stored.map(idOf)).size).toBe(stored.length);
  const held = new Set(stored);
  expect([...acknowledged].filter((line) => !held.has(line))).toEqual([]);
}

describe.skipIf(withoutPostgres)("a store whose processes or server are killed", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  it(
    "holds every acknowledged event exactly once when a writer dies",
    { timeout: 300_000 + crashes * 10_000 },
    async () => {
      const acknowledged = new Set<string>();
      for (let round = 0; round < crashes; round++) {
        await using child = startChild("append", cluster.url(), `r${round}`, "100000");
        await child.printed(1);
        await sleep(Math.random() * 300);
        await child.kill();
        for (const line of child.lines()) acknowledged.add(line);
        await using store = await openStore({ url: cluster.url() });
        await assertHolds(store, acknowledged);
      }
      expect(acknowledged.size).toBeGreaterThan(crashes);
    },
  );

  it("moves a checkpoint whole or not at all when a runner dies", { timeout: 300_000 + crashes * 10_000 }, async () => {
    let last = 0;
    for (let round = 0; round < crashes; round++) {
      await using child = startChild("commit", cluster.url(), "s", "1000000");
      await child.printed(1);
      await sleep(Math.random() * 200);
      await child.kill();
      const said = Number(child.lines().at(-1));
      await using store = await openStore({ url: cluster.url() });
      const checkpoint = await store.checkpoints.get("s");
      // The one that was under way may have come through.
      expect([said, said + 1]).toContain(checkpoint?.version);
      expect(said).toBeGreaterThan(last);
      last = checkpoint?.version ?? 0;
      const entries = await store.quarantine.list("s");
      expect(entries.map(({ sequence }) => sequence)).toEqual(Array.from({ length: last }, (_, i) => i + 1));
    }
  });

  it(
    "loses and doubles nothing when the server dies under writers, which go on",
    { timeout: 300_000 + crashes * 10_000 },
    async () => {
      await using appending = startChild("append", cluster.url(), "survivor", "100000");
      await using minting = startChild("append", cluster.url(), "other", "100000");
      await using committing = startChild("commit", cluster.url(), "t", "1000000");
      const children = [appending, minting, committing];
      for (let round = 0; round < crashes; round++) {
        const before = children.map((child) => child.lines().length);
        await Promise.all(children.map((child, at) => child.printed((before[at] ?? 0) + 5)));
        await cluster.crash();
      }
      const before = children.map((child) => child.lines().length);
      await Promise.all(children.map((child, at) => child.printed((before[at] ?? 0) + 5)));
      for (const [at, child] of children.entries()) expect(child.lines().length).toBeGreaterThan(before[at] ?? 0);
      await Promise.all(children.map((child) => child.kill()));
      await using store = await openStore({ url: cluster.url() });
      await assertHolds(store, new Set([...appending.lines(), ...minting.lines()]));
      const versions = committing.lines().map(Number);
      expect(versions).toEqual(versions.map((_, i) => i + 1));
      expect((await store.checkpoints.get("t"))?.version).toBeGreaterThanOrEqual(versions.at(-1) ?? 0);
    },
  );

  it("gives each id one sequence, whichever of two processes asks", { timeout: 90_000 }, async () => {
    await cluster.run("DROP SCHEMA IF EXISTS headgate CASCADE");
    await using first = startChild("append", cluster.url(), "first", "60");
    await using second = startChild("append", cluster.url(), "second", "60");
    await Promise.all([first.ended(), second.ended()]);
    await using store = await openStore({ url: cluster.url() });
    const stored = await contents(store);
    expect(gaps(stored)).toEqual([]);
    expect(new Set([...first.lines(), ...second.lines()])).toEqual(new Set(stored));
    expect(stored.filter((line) => line.includes(" shared-")).length).toBe(4 * 60);
    expect((await readEvents(store, "org_0")).length).toBeGreaterThan(60);
  });
});
