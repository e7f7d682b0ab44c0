import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { datadogOptionsSchema } from "./schema.ts";

const home = join(import.meta.dirname, "..");
const readme = await readFile(join(home, "README.md"), "utf8");
const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);

describe("the README", () => {
  it.each(examples)("has an example that runs: %#", async (example) => {
    const args = ["--conditions=@headgate/source", "--input-type=module-typescript", "-e", example];
    const env = { ...process.env, NODE_NO_WARNINGS: "1" };
    expect(await promisify(execFile)(process.execPath, args, { cwd: home, env })).toEqual({ stdout: "", stderr: "" });
  });

  it("names every option", () => {
    expect(examples).toHaveLength(3);
    for (const name of Object.keys(datadogOptionsSchema["properties"] as object)) {
      expect(readme).toContain(
        name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()).replace("caFile", "ca_file"),
      );
    }
  });
});
