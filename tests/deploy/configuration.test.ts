import { execFileSync } from "node:child_process";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./files.ts";
import { laidOut } from "./settings.ts";

const cli = join(root, "packages", "runner", "src", "cli.ts");

describe("the configurations", () => {
  it.each([
    "compose/headgate.yaml",
    "kubernetes/postgres/headgate.yaml",
    "kubernetes/sqlite/headgate.yaml",
    "systemd/headgate.yaml",
  ])("%s has no mistake", (name) => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "headgate-settings-"));
    const words = ["--conditions=@headgate/source", cli, "validate", "--json", "-c", laidOut(name, folder.path)];
    const said: unknown = JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" }));
    expect(said).toMatchObject({ valid: true });
  });
});
