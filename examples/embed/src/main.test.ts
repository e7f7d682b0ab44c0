import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { glob, mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { AuditEvent } from "@headgate/core";
import { expect, it } from "vitest";

const main = join(import.meta.dirname, "main.ts");

it("delivers its event to the folder and ends", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-embed-"));
  await promisify(execFile)(process.execPath, ["--conditions=@headgate/source", main], { cwd: folder.path });

  const objects = await Array.fromAsync(glob("audit/**/hour=*/*", { cwd: folder.path }));
  expect(objects).toHaveLength(1);
  const [object = ""] = objects;
  const bytes = await readFile(join(folder.path, object));
  expect(basename(object).split("_")[1]).toBe(createHash("sha1").update(bytes).digest("hex"));
  expect(JSON.parse(bytes.toString()) as AuditEvent).toMatchObject({
    action: "context.secrets.accessed",
    category: "configuration",
    organization: { id: "org_1" },
    sequence: 1,
  });
});

it("stores nothing twice when it is run again", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-embed-"));
  for (let run = 0; run < 2; run++) {
    await promisify(execFile)(process.execPath, ["--conditions=@headgate/source", main], { cwd: folder.path });
  }
  const sequences: number[] = [];
  for await (const object of glob("audit/**/hour=*/*", { cwd: folder.path })) {
    const lines = (await readFile(join(folder.path, object), "utf8")).trimEnd().split("\n");
    sequences.push(...lines.map((line) => (JSON.parse(line) as AuditEvent).sequence));
  }
  expect(sequences.toSorted((a, b) => a - b)).toEqual([1, 2]);
});
