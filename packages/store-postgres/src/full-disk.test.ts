import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { isHeadgateError } from "@headgate/core";
import { journalEvents, readEvents } from "@headgate/store-testkit";
import { describe, expect, it } from "vitest";
import { serverUser, startCluster, withoutPostgres } from "../../../tests/database/cluster.ts";
import { openStore } from "./testing/contents.ts";

describe.skipIf(withoutPostgres)("a database whose disk is full", () => {
  it("refuses appends whole with store_full, and takes them again once there is room", async ({ skip }) => {
    await using cluster = await startCluster();
    const small = join(cluster.folder, "small");
    mkdirSync(small);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=16m", "none", small]).status !== 0) {
      skip("needs the right to mount, to make a small disk");
    }
    await using mounted = new AsyncDisposableStack();
    mounted.defer(async () => {
      await cluster.stop("fast");
      spawnSync("umount", [small]);
    });
    const { uid, gid } = serverUser();
    if (uid !== undefined && gid !== undefined) chownSync(small, uid, gid);
    await cluster.run(`CREATE TABLESPACE small LOCATION '${small}'`);
    await cluster.run("CREATE DATABASE tiny TABLESPACE small");
    const stored: string[] = [];
    {
      await using store = await openStore({ url: cluster.url("postgres", "tiny") });
      for (let n = 0; ; n++) {
        // Random, so that nothing is compressed away.
        const note = Buffer.from(crypto.getRandomValues(new Uint8Array(30_000))).toString("base64");
        const events = journalEvents(`e${n}`, 20, { note });
        try {
          await store.journal.append("org_a", events);
        } catch (error) {
          expect(isHeadgateError(error, "store_full")).toBe(true);
          break;
        }
        stored.push(...events.map(({ id }) => id));
      }
      expect(stored.length).toBeGreaterThan(0);
      expect((await readEvents(store, "org_a")).map(({ id }) => id)).toEqual(stored);
      expect(spawnSync("mount", ["-o", "remount,size=64m", small]).status).toBe(0);
      const { sequences } = await store.journal.append("org_a", journalEvents("after", 1));
      expect(sequences).toEqual([stored.length + 1]);
    }
  });
});
