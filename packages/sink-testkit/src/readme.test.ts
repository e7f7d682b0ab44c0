import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { sinkConformance } from "./conformance.ts";
import { memoryHarness } from "./memory-harness.ts";

const home = join(import.meta.dirname, "..");
const readme = await readFile(join(home, "README.md"), "utf8");

it("has an example in its README that runs", async () => {
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const args = ["--conditions=@headgate/source", "--input-type=module-typescript", "-e", example];
  // Without this, a runner inside of a runner reports to the outer one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: home, env });
  expect(stdout).toMatch(/pass [1-9]\d*\n/);
  expect(stdout).toMatch(/fail 0\n/);
});

it("names every group of checks in its README", () => {
  const entries = sinkConformance({ test: () => {}, harness: memoryHarness });
  const groups = new Set(entries.map((entry) => entry.check.split("/")[0]));
  expect([...groups].filter((group) => !readme.includes(`\`${group}\``))).toEqual([]);
});
