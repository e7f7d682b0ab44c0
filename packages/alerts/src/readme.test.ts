import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const home = join(import.meta.dirname, "..");
const readme = await readFile(join(home, "README.md"), "utf8");
const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);

it.each(examples)("has an example in its README that runs: %#", async (example) => {
  const args = ["--conditions=@headgate/source", "--input-type=module-typescript", "-e", example];
  const env = { ...process.env, NODE_NO_WARNINGS: "1" };
  expect(await promisify(execFile)(process.execPath, args, { cwd: home, env })).toEqual({ stdout: "", stderr: "" });
});
