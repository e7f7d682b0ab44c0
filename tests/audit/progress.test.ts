import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
// oxlint-disable-next-line no-restricted-imports -- no package exports what writes objects for tests
import { objectOf } from "../../packages/audit/src/testing/stored-objects.ts";

const run = promisify(execFile);
const programs = ["audit", "runner"].map((name) => {
  const cli = fileURLToPath(new URL(`../../packages/${name}/src/cli.ts`, import.meta.url));
  return [
    name === "audit" ? "headgate-audit" : "headgate audit",
    [cli, ...(name === "audit" ? [] : ["audit"])],
  ] as const;
});
/** Runs a command in a pseudo terminal; of util-linux, as others have other options. */
const script = /util-linux/.test(String(spawnSync("script", ["--version"]).stdout));
const bar = /\[[#.]{20}\] +\d+ %/;

interface Copied extends Disposable {
  readonly path: string;
}

async function folderOfObjects(count: number): Promise<Copied> {
  const folder = mkdtempDisposableSync(join(tmpdir(), "headgate-progress-"));
  for (let sequence = 1; sequence <= count; sequence++) {
    const object = await objectOf([{ sequence }]);
    mkdirSync(join(folder.path, dirname(object.key)), { recursive: true });
    writeFileSync(join(folder.path, object.key), await (object.read() as Promise<Uint8Array>));
  }
  return { path: folder.path, [Symbol.dispose]: () => folder.remove() };
}

describe.each(programs)("the progress of %s", (_name, args) => {
  it.skipIf(!script)("is a bar in a terminal, taken away at the end, and nothing with --json", async () => {
    using folder = await folderOfObjects(20);
    const inTerminal = async (...more: readonly string[]): Promise<string> => {
      const words = [process.execPath, "--conditions=@headgate/source", ...args, folder.path, ...more];
      const command = words.map((word) => `'${word}'`).join(" ");
      return (await run("script", ["--quiet", "--return", "--command", command, "/dev/null"])).stdout;
    };
    const shown = await inTerminal();
    expect(shown).toMatch(bar);
    expect(shown).toContain("0 of 20");
    expect(shown.slice(shown.lastIndexOf("\u001b[2K"))).not.toMatch(bar);
    expect(shown).toContain("are complete");
    expect(await inTerminal("--json")).not.toMatch(bar);
    expect(await inTerminal("--json", "--progress")).toMatch(bar);
  });

  it("is nothing where no person looks", async () => {
    using folder = await folderOfObjects(1);
    const { stderr } = await run(process.execPath, ["--conditions=@headgate/source", ...args, folder.path]);
    expect(stderr).toBe("");
  });
});
