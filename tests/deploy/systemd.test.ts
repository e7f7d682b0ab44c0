import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { deployFile, deployPath } from "./files.ts";
import { graceOf } from "./grace.ts";

const analyze = process.env["HEADGATE_SYSTEMD_ANALYZE"] || "/usr/bin/systemd-analyze";
const hasSystemd = existsSync(analyze);
if (!hasSystemd && process.env["HEADGATE_REQUIRE_SERVICES"] === "1")
  throw new Error(`There is no ${analyze}, and HEADGATE_REQUIRE_SERVICES asks for systemd.`);

const unit = deployFile("systemd/headgate.service");

/** All that is found. What does not matter to a machine without the service's program is left out. */
async function verify(text: string): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-unit-"));
  const file = join(folder.path, "headgate.service");
  await writeFile(file, text.replace("ExecStart=/usr/local/bin/node", `ExecStart=${process.execPath}`));
  const { stderr } = await promisify(execFile)(analyze, ["verify", file]).catch(
    (error: { readonly stderr: string }) => error,
  );
  return stderr.replaceAll(folder.path, "");
}

describe.skipIf(!hasSystemd)("systemd", () => {
  it("knows every line of the unit", async () => {
    expect(await verify(unit)).toBe("");
    expect(await verify(unit.replace("ProtectClock", "ProtectClocks"))).toContain("Unknown key");
  });

  it("finds the service hardly exposed", async () => {
    const exposure = (threshold: string, file: string): Promise<string> =>
      promisify(execFile)(analyze, ["security", "--offline=true", "--no-pager", `--threshold=${threshold}`, file]).then(
        () => "below",
        () => "above",
      );
    expect(await exposure("15", deployPath("systemd/headgate.service"))).toBe("below");
    expect(await exposure("5", deployPath("systemd/headgate.service"))).toBe("above");
  });
});

describe("the unit", () => {
  const value = (key: string): string => new RegExp(`^${key}=(.*)$`, "m").exec(unit)?.[1] ?? "";

  it("gives the runner the time that it takes", () => {
    const grace = graceOf(value("ExecStart").split(" "));
    // The runner ends itself five seconds after its grace.
    expect(Number(value("TimeoutStopSec"))).toBeGreaterThanOrEqual(grace + 5 + 5);
  });

  it("starts it again whatever happens, but for a configuration that is wrong", () => {
    expect(value("Restart")).toBe("always");
    expect(value("StartLimitIntervalSec")).toBe("0");
    expect(value("RestartPreventExitStatus")).toBe("2");
  });

  it("has a credential for each file that the configuration reads", () => {
    const loaded = [...unit.matchAll(/^LoadCredential=([^:]+):/gm)].map(([, name]) => name);
    const used = [
      ...deployFile("systemd/headgate.yaml").matchAll(/\$\{file:\/run\/credentials\/headgate\.service\/([^}]+)\}/g),
    ].map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(loaded));
  });
});
