import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { temporaryFolder } from "./temporary-folder.fixture.ts";

const home = join(import.meta.dirname, "..");

it("has an example in its README that runs", async () => {
  await using folder = await temporaryFolder();
  const readme = await readFile(join(home, "README.md"), "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1]?.replaceAll("./out", folder.path) ?? "";
  const args = ["--conditions=@headgate/source", "--input-type=module-typescript", "-e", example];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: home });
  expect(stdout).toMatch(/^year=\d{4}\/month=\d\d\/day=\d\d\/hour=\d\d\/[^/]+T[\d:]+_[0-9a-f]{40}\.json\.gz \d+\n$/);
});
