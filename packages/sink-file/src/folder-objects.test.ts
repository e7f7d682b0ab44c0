import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { folderObjects } from "./folder-objects.ts";
import { temporaryFolder } from "./temporary-folder.fixture.ts";

async function write(root: string, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await mkdir(dirname(join(root, key)), { recursive: true });
    await writeFile(join(root, key), key);
  }
}

async function keysOf(directory: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const object of folderObjects(directory)) keys.push(object.key);
  return keys;
}

describe("folderObjects", () => {
  it("lists keys in the order of their bytes, as S3 does", async () => {
    await using folder = await temporaryFolder();
    const keys = ["a.b", "a/c", "a/c.d", "a/c/e", "a0", "B", "é", "\u{1f980}", "year=2025/x", "year=2024/y"];
    await write(folder.path, ...keys.filter((key) => key !== "a/c"));
    const sorted = keys
      .filter((key) => key !== "a/c")
      .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(await keysOf(folder.path)).toEqual(sorted);
  });

  it("skips names that begin with a dot or an underscore at every depth, and links", async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, "a/b", "_incomplete/c", "a/_d", ".e/f", "a/.g");
    await symlink(join(folder.path, "a"), join(folder.path, "link"));
    expect(await keysOf(folder.path)).toEqual(["a/b"]);
  });

  it("gives size and content", async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, "year=2025/é");
    for await (const object of folderObjects(folder.path)) {
      expect(object.size).toBe(12);
      expect(await text(object.read())).toBe("year=2025/é");
    }
  });

  it("fails with file_unreadable where there is no folder", async () => {
    await using folder = await temporaryFolder();
    await expect(keysOf(join(folder.path, "nowhere"))).rejects.toMatchObject({ code: "file_unreadable" });
    await write(folder.path, "file");
    await expect(keysOf(join(folder.path, "file"))).rejects.toMatchObject({ code: "file_unreadable" });
  });
});
