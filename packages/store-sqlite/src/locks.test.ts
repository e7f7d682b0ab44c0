import { mkdtempDisposableSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";

// POSIX drops all of a process's locks on a file as soon as it closes any descriptor of it, and with them what keeps
// another process from resetting the write-ahead log. Linux lists the locks that there are.
it.skipIf(process.platform !== "linux")(
  "keeps its locks on the file while the same process opens and closes it again",
  async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "headgate-locks-"));
    const path = join(folder.path, "headgate.db");
    const locks = (): number => {
      const inode = `:${statSync(path).ino} `;
      return readFileSync("/proc/locks", "utf8")
        .split("\n")
        .filter((line) => line.includes(inode)).length;
    };
    await using first = sqliteStore({ path });
    await first.open();
    const held = locks();
    expect(held).toBeGreaterThan(0);
    {
      await using second = sqliteStore({ path });
      await second.open();
      expect(locks()).toBeGreaterThanOrEqual(held);
    }
    expect(locks()).toBe(held);
  },
);
