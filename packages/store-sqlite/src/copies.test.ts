import { execFileSync } from "node:child_process";
import { link, mkdir, rename, rm } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { continueRestoredStore } from "@headgate/core";
import { journalEvents, readEvents } from "@headgate/store-testkit";
import { describe, expect, it } from "vitest";
import { backupSqliteStore } from "./backup.ts";
import { fileBirth } from "./file-birth.ts";
import type { SqliteStoreOptions } from "./sqlite-store.ts";
import { openStore } from "./testing/contents.ts";
import { temporaryFolder, type TemporaryFolder } from "./testing/temporary-folder.ts";

/** Appends two events, and says which sequences they got. */
async function append(options: SqliteStoreOptions, prefix: string): Promise<readonly number[]> {
  await using store = await openStore(options);
  return (await store.journal.append("org_a", journalEvents(prefix, 2))).sequences;
}

/** The data folder of a store with two events. */
async function dataFolder(folder: TemporaryFolder): Promise<string> {
  await mkdir(folder.file("data"));
  await append({ path: folder.file("data/h.db") }, "a");
  return folder.file("data");
}

const refused = { code: "store_restored", message: expect.stringContaining("is a copy") as string };

const copies: readonly (readonly [string, string])[] = [
  ["cp -a", "cp -a data kept"],
  ["tar", "mkdir kept && tar -C data -cf kept.tar . && tar -C kept -xpf kept.tar"],
  ["cp --reflink", "cp -a --reflink=auto data kept"],
];

describe.each(copies)("a data folder that was copied with %s, mark and all", (_, copy) => {
  it("is refused where it is put back, until it was restored: no sequence is given twice", async () => {
    await using folder = temporaryFolder();
    const path = `${await dataFolder(folder)}/h.db`;
    const run = (command: string): unknown => execFileSync("sh", ["-ec", command], { cwd: folder.path });
    run(copy);
    expect(await append({ path }, "b")).toEqual([3, 4]);
    run(`rm -r data; ${copy.replaceAll("kept", "again").replaceAll("data", "kept")}; mv again data`);
    for (let turn = 0; turn < 2; turn++) await expect(openStore({ path })).rejects.toMatchObject(refused);
    await expect(backupSqliteStore({ path, to: folder.file("b") })).rejects.toMatchObject(refused);
    {
      await using store = await openStore({ path, restoring: true });
      await store.restore(() => continueRestoredStore(store));
    }
    const [next] = await append({ path }, "c");
    expect(next).toBeGreaterThan(1_000_000_000);
  });
});

describe("a data folder that was copied, mark and all, and put back over the files that are there", () => {
  it.each(["cp -a kept/. data/", "cp kept/* data/"])("is refused after %s, until it was restored", async (putBack) => {
    await using folder = temporaryFolder();
    const path = `${await dataFolder(folder)}/h.db`;
    const run = (command: string): unknown => execFileSync("sh", ["-ec", command], { cwd: folder.path });
    run("cp -a data kept");
    expect(await append({ path }, "b")).toEqual([3, 4]);
    run(putBack);
    for (let turn = 0; turn < 2; turn++)
      await expect(openStore({ path })).rejects.toMatchObject({
        code: "store_corrupt",
        hint: expect.stringContaining("headgate restore") as string,
      });
    {
      await using store = await openStore({ path, restoring: true });
      await store.restore(() => continueRestoredStore(store));
    }
    const [next] = await append({ path }, "c");
    expect(next).toBeGreaterThan(1_000_000_000);
    expect((await append({ path }, "d"))[0]).toBeGreaterThan(next ?? 0);
  });
});

describe("a store that is copied", () => {
  it("is refused also while another process uses the original, with the log of what it wrote", async () => {
    await using folder = temporaryFolder();
    const data = await dataFolder(folder);
    await using store = await openStore({ path: `${data}/h.db` });
    await store.journal.append("org_a", journalEvents("b", 2));
    execFileSync("cp", ["-a", data, folder.file("copy")]);
    await expect(openStore({ path: folder.file("copy/h.db") })).rejects.toMatchObject(refused);
    expect((await store.journal.append("org_a", journalEvents("c", 1))).sequences).toEqual([5]);
  });

  it("is refused also where its file was copied without the log beside it, from its first event on", async () => {
    await using folder = temporaryFolder();
    const path = folder.file("h.db");
    await using store = await openStore({ path });
    await store.journal.append("org_a", journalEvents("b", 2));
    const copy = folder.file("copy.db");
    execFileSync("cp", [path, copy]);
    await expect(openStore({ path: copy })).rejects.toMatchObject(refused);
  });

  it("is refused likewise where a store of before was opened for the first time since", async () => {
    await using folder = temporaryFolder();
    const path = `${await dataFolder(folder)}/h.db`;
    const database = new DatabaseSync(path);
    database.exec("DELETE FROM meta WHERE key = 'birth'");
    database.close();
    await using _store = await openStore({ path });
    const copy = folder.file("copy.db");
    execFileSync("cp", [path, copy]);
    await expect(openStore({ path: copy })).rejects.toMatchObject(refused);
  });

  it("goes on as it was once somebody says that it was only moved", async () => {
    await using folder = temporaryFolder();
    const path = folder.file("elsewhere/h.db");
    execFileSync("cp", ["-a", await dataFolder(folder), folder.file("elsewhere")]);
    await expect(openStore({ path })).rejects.toMatchObject(refused);
    expect(await append({ path, moved: true }, "b")).toEqual([3, 4]);
    expect(await append({ path }, "c")).toEqual([5, 6]);
  });

  it("is not moved where it is a backup, or behind its mark", async () => {
    await using folder = temporaryFolder();
    const path = `${await dataFolder(folder)}/h.db`;
    await backupSqliteStore({ path, to: folder.file("b") });
    await expect(openStore({ path: folder.file("b"), moved: true })).rejects.toMatchObject({
      code: "store_restored",
      message: expect.stringContaining("is a backup") as string,
    });
    execFileSync("cp", ["-a", path, folder.file("kept")]);
    await append({ path }, "b");
    await rm(path);
    execFileSync("cp", ["-a", folder.file("kept"), path]);
    await expect(openStore({ path, moved: true })).rejects.toMatchObject({ code: "store_corrupt" });
  });
});

describe("a store that stays the same file", () => {
  it("opens after it was renamed, linked, written to, compacted and touched", async () => {
    await using folder = temporaryFolder();
    const data = await dataFolder(folder);
    const moved = folder.file("moved");
    await rename(data, moved);
    await rename(`${moved}/h.db`, `${moved}/other.db`);
    await rename(`${moved}/h.db-mark`, `${moved}/other.db-mark`);
    const path = `${moved}/other.db`;
    expect(await append({ path }, "b")).toEqual([3, 4]);
    const database = new DatabaseSync(path);
    database.exec("VACUUM");
    database.close();
    execFileSync("touch", ["-d", "2001-01-01", path]);
    execFileSync("chmod", ["640", path]);
    expect(await append({ path }, "c")).toEqual([5, 6]);
    await link(path, folder.file("link.db"));
    await using store = await openStore({ path: folder.file("link.db") });
    expect(await readEvents(store, "org_a")).toHaveLength(6);
  });

  it("is known from its first opening by a Headgate that looks", async () => {
    await using folder = temporaryFolder();
    const data = await dataFolder(folder);
    const database = new DatabaseSync(`${data}/h.db`);
    database.exec("DELETE FROM meta WHERE key = 'birth'");
    database.close();
    execFileSync("cp", ["-a", data, folder.file("early")]);
    expect(await append({ path: `${data}/h.db` }, "b")).toEqual([3, 4]);
    execFileSync("cp", ["-a", data, folder.file("late")]);
    expect(await append({ path: folder.file("early/h.db") }, "b")).toEqual([3, 4]);
    await expect(openStore({ path: folder.file("late/h.db") })).rejects.toMatchObject(refused);
  });
});

it.runIf(process.platform === "linux")("knows no birth where the file system knows none", () => {
  expect(fileBirth("/proc/version")).toBeUndefined();
});
