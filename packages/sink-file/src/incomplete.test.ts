import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Writer } from "./incomplete.ts";
import { incompleteFolder, incompleteName, removeLeftovers, thisWriter } from "./incomplete.ts";
import { temporaryFolder } from "./temporary-folder.fixture.ts";

const now = Date.parse("2025-07-16T12:00:00Z");
const token = "0123456789ab";

/** Writes a leftover of so many minutes ago, and tells whether it is still there after the others were removed. */
async function survives(writer: Writer | string, minutes: number): Promise<boolean> {
  await using folder = await temporaryFolder();
  const name = typeof writer === "string" ? writer : incompleteName(writer, 3);
  const path = join(folder.path, incompleteFolder, name);
  await mkdir(join(folder.path, incompleteFolder));
  await writeFile(path, "half a fi");
  const touched = new Date(now - minutes * 60_000);
  await utimes(path, touched, touched);
  const removed = await removeLeftovers(folder.path, now);
  const left = await readdir(join(folder.path, incompleteFolder));
  expect(left.length + removed).toBe(1);
  return left.length === 1;
}

/** The process id of a child that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid as number;
}

describe("removeLeftovers", () => {
  it("removes what a process has left that is dead for an hour", async () => {
    const writer = { ...thisWriter, pid: await deadPid(), token };
    expect(await survives(writer, 61)).toBe(false);
    expect(await survives(writer, 59)).toBe(true);
  });

  it("removes what an earlier process of this very id has left", async () => {
    expect(await survives({ ...thisWriter, token }, 61)).toBe(false);
  });

  it("leaves what a living process writes, however old", async () => {
    expect(await survives(thisWriter, 6000)).toBe(true);
    expect(await survives({ ...thisWriter, pid: process.ppid, token }, 6000)).toBe(true);
  });

  it("goes by age alone for other machines", async () => {
    expect(await survives({ host: "ffffffff", pid: process.ppid, token }, 61)).toBe(false);
    expect(await survives({ host: "ffffffff", pid: await deadPid(), token }, 59)).toBe(true);
  });

  it.each(["notes.txt", "headgate-1.tmp", `headgate-ffffffff-1-${token}-1.tmp.bak`])(
    "leaves %s alone",
    async (name) => {
      expect(await survives(name, 6000)).toBe(true);
    },
  );

  it("finds nothing where there is no folder", async () => {
    await using folder = await temporaryFolder();
    expect(await removeLeftovers(folder.path, now)).toBe(0);
  });
});
