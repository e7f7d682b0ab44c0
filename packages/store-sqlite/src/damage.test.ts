import { copyFile, open, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { isHeadgateError } from "@headgate/core";
import { journalEvents } from "@headgate/store-testkit";
import { describe, expect, it } from "vitest";
import { contents, openStore } from "./testing/contents.ts";
import type { TemporaryFolder } from "./testing/temporary-folder.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

/** A closed store with some events. */
async function filledStore(path: string): Promise<readonly string[]> {
  await using store = await openStore({ path });
  for (let n = 0; n < 12; n++) {
    await store.journal.append(
      `org_${n % 3}`,
      journalEvents(`e${n}`, 20, { given: n % 2 === 0, note: "x".repeat(200 + n * 40) }),
    );
  }
  await store.journal.trim("org_0", 25, Number.MAX_SAFE_INTEGER);
  return await contents(store);
}

/** A copy of a store's files as a crash would leave them: the store is open and has acknowledged all of its events. */
async function crashImage(
  folder: TemporaryFolder,
): Promise<{ readonly path: string; readonly events: readonly string[] }> {
  await using store = await openStore({ path: folder.file("live.db") });
  for (let n = 0; n < 8; n++) await store.journal.append("org_a", journalEvents(`e${n}`, 30));
  for (const ending of ["", "-wal", "-mark"])
    await copyFile(folder.file(`live.db${ending}`), folder.file(`h.db${ending}`));
  return { path: folder.file("h.db"), events: await contents(store) };
}

async function flip(path: string, at: number): Promise<void> {
  const file = await open(path, "r+");
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ 0x41;
    await file.write(byte, 0, 1, at);
  } finally {
    await file.close();
  }
}

/** All events, or the code of the error that opening or reading ended with. */
async function outcome(path: string): Promise<readonly string[] | string> {
  try {
    await using store = await openStore({ path, moved: true });
    return await contents(store);
  } catch (error) {
    if (isHeadgateError(error)) return error.code;
    throw error;
  }
}

describe("a file that is no store", () => {
  it.each([
    ["text", Buffer.from("organization,event\n".repeat(1000))],
    ["zeros", Buffer.alloc(20_000)],
    ["a few bytes", Buffer.from("SQLite")],
    ["a header and garbage", Buffer.concat([Buffer.from("SQLite format 3\u0000"), Buffer.alloc(9000, 0xa5)])],
  ])("is refused: %s", async (_, bytes) => {
    await using folder = temporaryFolder();
    await writeFile(folder.file("h.db"), bytes);
    expect(await outcome(folder.file("h.db"))).toBe("store_corrupt");
    expect(Buffer.compare(await readFile(folder.file("h.db")), bytes)).toBe(0);
  });

  it("is refused when it is another program's database", async () => {
    await using folder = temporaryFolder();
    const database = new DatabaseSync(folder.file("h.db"));
    database.exec("CREATE TABLE notes(text)");
    database.close();
    await expect(openStore({ path: folder.file("h.db") })).rejects.toMatchObject({
      code: "store_corrupt",
      message: expect.stringContaining("is no Headgate store") as string,
    });
  });

  it("is refused when a later Headgate wrote it", async () => {
    await using folder = temporaryFolder();
    await filledStore(folder.file("h.db"));
    const database = new DatabaseSync(folder.file("h.db"));
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(await outcome(folder.file("h.db"))).toBe("store_version");
  });
});

describe("a damaged store", () => {
  it("is refused, or read whole, wherever its file was cut off", async () => {
    await using folder = temporaryFolder();
    const events = await filledStore(folder.file("whole.db"));
    const { size } = await stat(folder.file("whole.db"));
    for (const part of [0, 0.01, 0.2, 0.5, 0.8, 0.99]) {
      const path = folder.file(`cut-${part}.db`);
      await copyFile(folder.file("whole.db"), path);
      await copyFile(folder.file("whole.db-mark"), `${path}-mark`);
      await truncate(path, Math.floor(size * part));
      expect(await outcome(path)).toBe("store_corrupt");
    }
    expect(await outcome(folder.file("whole.db"))).toEqual(events);
  });

  it("is refused, or read whole, whichever byte was changed", async () => {
    await using folder = temporaryFolder();
    const events = await filledStore(folder.file("whole.db"));
    const { size } = await stat(folder.file("whole.db"));
    const path = folder.file("h.db");
    let refused = 0;
    for (let step = 0; step < 30; step++) {
      await copyFile(folder.file("whole.db"), path);
      const at = Math.floor(((step + Math.random()) / 30) * size);
      await flip(path, at);
      const found = await outcome(path);
      if (typeof found === "string") {
        expect(["store_corrupt", "store_version"], `byte ${at}`).toContain(found);
        refused += 1;
      } else {
        expect(found, `byte ${at}`).toEqual(events);
      }
    }
    expect(refused).toBeGreaterThan(5);
  });

  it("is found by a deep check, and the organization is named", async () => {
    await using folder = temporaryFolder();
    const path = folder.file("h.db");
    await filledStore(path);
    // The first ones in the file may lie in pages that trimming has freed.
    const at = (await readFile(path)).lastIndexOf("kit.event.appended");
    await flip(path, at);
    await using store = await openStore({ path });
    expect(await store.check()).toEqual([
      expect.stringMatching(/^the journal of org_\d is damaged from sequence \d+ to \d+$/),
    ]);
  });
});

describe("a store after a crash", () => {
  it("is recovered from its write-ahead log", async () => {
    await using folder = temporaryFolder();
    const { path, events } = await crashImage(folder);
    expect(await outcome(path)).toEqual(events);
  });

  it("is recovered when the log ends in a piece that was never acknowledged", async () => {
    await using folder = temporaryFolder();
    const { path, events } = await crashImage(folder);
    await writeFile(`${path}-wal`, Buffer.alloc(5000, 7), { flag: "a" });
    expect(await outcome(path)).toEqual(events);
  });

  it.each([0, 0.3, 0.9])("is refused when only %f of the log is left", async (part) => {
    await using folder = temporaryFolder();
    const { path } = await crashImage(folder);
    const { size } = await stat(`${path}-wal`);
    await truncate(`${path}-wal`, Math.floor(size * part));
    await expect(openStore({ path })).rejects.toMatchObject({
      code: "store_corrupt",
      message: expect.stringContaining("lost acknowledged events") as string,
    });
  });

  it("is refused when the log is gone or damaged, and opens once it is put back", async () => {
    await using folder = temporaryFolder();
    const { path, events } = await crashImage(folder);
    const log = await readFile(`${path}-wal`);
    await rm(`${path}-wal`);
    expect(await outcome(path)).toBe("store_corrupt");
    await writeFile(`${path}-wal`, log);
    await flip(`${path}-wal`, Math.floor(log.length / 2));
    expect(await outcome(path)).toBe("store_corrupt");
    await writeFile(`${path}-wal`, log);
    expect(await outcome(path)).toEqual(events);
  });

  it("is refused when the file itself is gone, and starts anew when that was meant", async () => {
    await using folder = temporaryFolder();
    const path = folder.file("h.db");
    await filledStore(path);
    await rm(path);
    await expect(openStore({ path })).rejects.toMatchObject({
      code: "store_corrupt",
      hint: expect.stringContaining("headgate restore") as string,
    });
    await rm(`${path}-mark`);
    expect(await outcome(path)).toEqual([]);
  });

  it("takes no notice of a mark that speaks of another store", async () => {
    await using folder = temporaryFolder();
    await filledStore(folder.file("one.db"));
    const events = await filledStore(folder.file("two.db"));
    await writeFile(
      folder.file("two.db-mark"),
      (await readFile(folder.file("one.db-mark"), "latin1")).replace(/\d+ *\n$/, "999999\n"),
    );
    expect(await outcome(folder.file("two.db"))).toEqual(events);
  });
});
