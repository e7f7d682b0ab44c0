import { copyFile, readdir, rm, stat } from "node:fs/promises";
import { continueRestoredStore } from "@headgate/core";
import { journalEvents, readEvents, streamRecord } from "@headgate/store-testkit";
import { describe, expect, it } from "vitest";
import { backupSqliteStore } from "./backup.ts";
import { sqliteStore } from "./sqlite-store.ts";
import { contents, openStore } from "./testing/contents.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

describe("a backup", () => {
  it("is made beside a store in use, and holds what was there at one moment", async () => {
    await using folder = temporaryFolder();
    const [path, to] = [folder.file("h.db"), folder.file("b")];
    await using store = await openStore({ path });
    for (let n = 0; n < 20; n++)
      await store.journal.append("org_a", journalEvents(`a${n}`, 200, { note: "x".repeat(999) }));
    const before = await contents(store);
    const shares: number[] = [];
    const making = backupSqliteStore({ path, to, onProgress: (share) => shares.push(share) });
    for (let n = 0; n < 20; n++) await store.journal.append("org_a", journalEvents(`b${n}`, 50));
    const { bytes } = await making;
    expect([(await stat(to)).size, (await stat(to)).mode & 0o777]).toEqual([bytes, 0o600]);
    expect(shares.at(-1)).toBe(1);
    expect((await readdir(folder.path)).filter((name) => name.startsWith("b"))).toEqual(["b"]);
    await using copy = await openStore({ path: to, restoring: true });
    const copied = await contents(copy);
    expect(copied.slice(0, before.length)).toEqual(before);
    expect((await contents(store)).slice(0, copied.length)).toEqual(copied);
    expect(await copy.check()).toEqual([]);
  });

  it("is no store before it has been restored, also where the restoring process died", async () => {
    await using folder = temporaryFolder();
    const [path, to] = [folder.file("h.db"), folder.file("b")];
    {
      await using store = await openStore({ path });
      await store.journal.append("org_a", journalEvents("a", 3));
      await store.streams.create(streamRecord("s"));
    }
    await backupSqliteStore({ path, to, now: Date.UTC(2026, 10, 27) });
    await expect(openStore({ path: to })).rejects.toMatchObject({
      code: "store_restored",
      message: `The store ${to} is a backup of 2026-11-27T00:00:00.000Z.`,
    });
    {
      await using store = await openStore({ path: to, restoring: true });
      const failing = store.restore(async () => {
        await continueRestoredStore(store);
        throw new Error("killed");
      });
      await expect(failing).rejects.toThrow("killed");
    }
    await expect(openStore({ path: to })).rejects.toMatchObject({ code: "store_restored" });
    {
      await using store = await openStore({ path: to, restoring: true });
      await store.restore(() => continueRestoredStore(store));
    }
    await using store = await openStore({ path: to });
    const { sequences } = await store.journal.append("org_a", journalEvents("b", 1));
    expect(sequences[0]).toBeGreaterThan(1_000_000_000);
    expect((await readEvents(store, "org_a")).map(({ sequence }) => sequence)).toEqual([1, 2, 3, sequences[0]]);
    expect((await store.streams.get("s"))?.chain).toBeDefined();
    expect(await store.check()).toEqual([]);
  });

  it("is refused where a file is, or no store", async () => {
    await using folder = temporaryFolder();
    const path = folder.file("h.db");
    await expect(backupSqliteStore({ path, to: folder.file("b") })).rejects.toMatchObject({
      code: "store_unavailable",
    });
    {
      await using store = await openStore({ path });
      await store.journal.append("org_a", journalEvents("a", 1));
    }
    await expect(backupSqliteStore({ path, to: path })).rejects.toMatchObject({ code: "file_unwritable" });
    await expect(backupSqliteStore({ path, to: folder.file("no/b") })).rejects.toMatchObject({
      code: "file_unwritable",
    });
    expect((await readdir(folder.path)).filter((name) => !name.startsWith("h.db"))).toEqual([]);
  });
});

describe("a mark in another folder", () => {
  it("tells a folder that was put back as a whole", async () => {
    await using folder = temporaryFolder();
    await using elsewhere = temporaryFolder();
    const [path, kept] = [folder.file("h.db"), folder.file("kept")];
    const options = { path, markPath: elsewhere.file("mark") };
    const append = async (prefix: string): Promise<void> => {
      await using store = await openStore(options);
      await store.journal.append("org_a", journalEvents(prefix, 2));
    };
    await append("a");
    await copyFile(path, kept);
    await append("b");
    await rm(path);
    await copyFile(kept, path);
    await expect(append("c")).rejects.toMatchObject({ code: "store_corrupt", hint: /headgate restore/ });
    {
      await using store = sqliteStore({ ...options, restoring: true });
      await store.open();
      await store.restore(() => continueRestoredStore(store));
    }
    await append("c");
    expect(await readdir(folder.path)).not.toContain("h.db-mark");
  });
});
