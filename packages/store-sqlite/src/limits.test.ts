import { mkdir, stat } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { isHeadgateError } from "@headgate/core";
import {
  checkpointOf,
  journalEvent,
  journalEvents,
  quarantineEntry,
  readEvents,
  runningStream,
  upTo,
} from "@headgate/store-testkit";
import { describe, expect, it } from "vitest";
import { contents, gaps, openStore } from "./testing/contents.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

describe("a store that is full", () => {
  it("refuses appends whole, goes on delivering, and takes events again once it is trimmed", async () => {
    await using folder = temporaryFolder();
    await using store = await openStore({ path: folder.file("h.db"), maxBytes: 2 * 1024 * 1024 });
    const { lease } = await runningStream(store);
    const stored: string[] = [];
    for (let n = 0; ; n++) {
      const events = journalEvents(`e${n}`, 50, { note: "x".repeat(1000) });
      try {
        await store.journal.append("org_a", events);
      } catch (error) {
        expect(isHeadgateError(error, "store_full")).toBe(true);
        break;
      }
      stored.push(...events.map(({ id }) => id));
    }
    expect(stored.length).toBeGreaterThan(500);
    expect((await readEvents(store, "org_a")).map(({ id }) => id)).toEqual(stored);
    for (const version of upTo(40)) {
      const quarantine = [quarantineEntry("s", version, "y".repeat(2000))];
      await store.checkpoints.commit({
        lease,
        checkpoint: checkpointOf("s", version, { position: Math.floor((version * stored.length) / 40) }),
        quarantine,
      });
    }
    await store.leases.renew(lease, 1000);
    const half = stored.length / 2;
    const first = await store.journal.trim("org_a", half, Number.MAX_SAFE_INTEGER);
    const { sequences } = await store.journal.append("org_a", journalEvents("after", 50, { note: "x".repeat(1000) }));
    expect(sequences).toEqual(upTo(50).map((n) => stored.length + n));
    expect((await readEvents(store, "org_a", { after: first - 1 })).length).toBe(stored.length + 50 - first + 1);
    expect(await store.check()).toEqual([]);
  });

  it("does not let a giant append take its neighbours of the same moment down", async () => {
    await using folder = temporaryFolder();
    await using store = await openStore({ path: folder.file("h.db"), maxBytes: 2 * 1024 * 1024 });
    const giant = journalEvents("giant", 40, { note: "x".repeat(100_000) });
    const results = await Promise.allSettled([
      store.journal.append("org_a", [journalEvent("before")]),
      store.journal.append("org_a", giant),
      store.journal.append("org_a", [journalEvent("after")]),
      store.cursors.set("f", "1"),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect((await readEvents(store, "org_a")).map(({ id }) => id)).toEqual(["before", "after"]);
  });
});

describe("a path that cannot be opened", () => {
  it("is explained in one sentence", async () => {
    await using folder = temporaryFolder();
    await mkdir(folder.file("folder.db"));
    const failures = [
      [folder.file("missing/h.db"), "store_unavailable", /^The folder .*missing of the store does not exist\.$/],
      [folder.file("folder.db"), "store_unavailable", /^The store .*folder\.db is a folder\.$/],
      [
        "/proc/headgate.db",
        "store_unavailable",
        /^The store \/proc\/headgate\.db cannot be (created|written) \(\w+\)\.$/,
      ],
    ] as const;
    for (const [path, code, message] of failures.slice(0, process.platform === "linux" ? 3 : 2)) {
      await expect(openStore({ path })).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message) as string,
        hint: expect.any(String) as string,
      });
    }
  });

  it("can be opened by the same store once the cause is gone", async () => {
    await using folder = temporaryFolder();
    const path = folder.file("later/h.db");
    const { sqliteStore } = await import("./sqlite-store.ts");
    await using store = sqliteStore({ path });
    await expect(store.journal.head("org_a")).rejects.toMatchObject({ code: "store_unavailable" });
    await expect(store.open()).rejects.toMatchObject({ code: "store_unavailable" });
    await mkdir(folder.file("later"));
    await Promise.all([store.open(), store.open()]);
    expect((await store.journal.head("org_a")).lastSequence).toBe(0);
  });
});

describe("a store that another process holds", () => {
  it("says store_busy, and works again afterwards", async () => {
    await using folder = temporaryFolder();
    await using store = await openStore({ path: folder.file("h.db"), busyTimeoutMs: 50 });
    const other = new DatabaseSync(folder.file("h.db"));
    other.exec("BEGIN IMMEDIATE");
    await expect(store.journal.append("org_a", [journalEvent("e")])).rejects.toMatchObject({
      code: "store_busy",
      hint: expect.any(String) as string,
    });
    expect((await store.journal.head("org_a")).lastSequence).toBe(0);
    other.exec("ROLLBACK");
    other.close();
    expect((await store.journal.append("org_a", [journalEvent("e")])).sequences).toEqual([1]);
  });
});

describe("the files of a store", () => {
  it.skipIf(process.platform === "win32")("are for their owner alone", async () => {
    await using folder = temporaryFolder();
    await using store = await openStore({ path: folder.file("h.db") });
    await store.journal.append("org_a", [journalEvent("e")]);
    for (const ending of ["", "-wal", "-shm", "-mark"]) {
      const { mode } = await stat(folder.file(`h.db${ending}`));
      expect(`${ending} ${(mode & 0o777).toString(8)}`).toBe(`${ending} 600`);
    }
  });
});

describe("groups", () => {
  it("are shared by appends of one moment", async () => {
    await using folder = temporaryFolder();
    await using store = await openStore({ path: folder.file("h.db") });
    await Promise.all(upTo(500).map((n) => store.journal.append("org_a", [journalEvent(`e${n}`)])));
    expect((await store.journal.index("org_a", { after: 0 })).length).toBeLessThan(10);
    const stored = await contents(store);
    expect(gaps(stored)).toEqual([]);
    expect(stored.length).toBe(500);
  });

  it("are bounded, so that reading a long journal stays in bounded memory", async () => {
    await using folder = temporaryFolder();
    await using store = await openStore({ path: folder.file("h.db") });
    const note = "x".repeat(450);
    for (let part = 0; part < 10; part++)
      await store.journal.append("org_a", journalEvents(`e${part}`, 20_000, { given: false, note }));
    globalThis.gc?.();
    const before = process.memoryUsage().arrayBuffers;
    let events = 0;
    let groups = 0;
    let largest = 0;
    for await (const group of store.journal.read("org_a", { after: 0 })) {
      events += group.lengths.length;
      groups += 1;
      largest = Math.max(largest, group.body.length);
    }
    expect(events).toBe(200_000);
    expect(largest).toBeLessThanOrEqual(1024 * 1024);
    expect(groups).toBeGreaterThan(100);
    // All bodies together are above 120 MB; what is not yet collected of those read must be far from it.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 * 1024);
  });

  it("hold one event where it is larger than a group", async () => {
    await using folder = temporaryFolder();
    await using store = await openStore({ path: folder.file("h.db") });
    const sizes = [10, 3_000_000, 10, 12_000_000, 10];
    await store.journal.append(
      "org_a",
      sizes.map((size, n) => journalEvent(`e${n}`, { note: "x".repeat(size) })),
    );
    expect((await store.journal.index("org_a", { after: 0 })).map(({ lengths }) => lengths.length)).toEqual([
      1, 1, 1, 1, 1,
    ]);
    expect((await readEvents(store, "org_a")).map(({ id, line }, n) => line.includes(`"id":"e${n}"`) && id)).toEqual([
      "e0",
      "e1",
      "e2",
      "e3",
      "e4",
    ]);
  });
});
