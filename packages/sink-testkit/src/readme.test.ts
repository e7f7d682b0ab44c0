import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { sinkConformance } from "./conformance.ts";
import { memoryHarness } from "./memory-harness.ts";

const home = join(import.meta.dirname, "..");
const readme = await readFile(join(home, "README.md"), "utf8");
const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);

async function run(example: string): Promise<string> {
  const args = ["--conditions=@headgate/source", "--input-type=module-typescript", "-e", example];
  // Without this, a runner inside of a runner reports to the outer one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: home, env });
  return stdout;
}

it("has a harness in its README that runs", async () => {
  const stdout = await run(examples[0] ?? "");
  expect(stdout).toMatch(/pass [1-9]\d*\n/);
  expect(stdout).toMatch(/fail 0\n/);
});

it("has a strict server in its README that starts and ends", async () => {
  expect(examples).toHaveLength(2);
  expect(await run(examples[1] ?? "")).toBe("");
});

it("names every group of checks in its README", () => {
  const entries = sinkConformance({ test: () => {}, harness: memoryHarness });
  const groups = new Set(entries.map((entry) => entry.check.split("/")[0]));
  expect([...groups].filter((group) => !readme.includes(`\`${group}\``))).toEqual([]);
});
