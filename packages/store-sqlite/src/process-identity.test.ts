import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { isGone, processIdentity } from "./process-identity.ts";

describe("isGone", () => {
  const self = processIdentity();
  const dead = spawnSync(process.execPath, ["--version"]).pid;

  it("is sure of a process of this host that has ended", () => {
    expect(isGone({ host: self.host, process: `${dead}@` }, self)).toBe(true);
    expect(isGone({ host: self.host, process: `${dead}@12345` }, self)).toBe(true);
  });

  it.runIf(process.platform === "linux")("is not deceived by a process id that is used again", () => {
    expect(isGone({ host: self.host, process: `${process.ppid}@1` }, self)).toBe(true);
    expect(isGone({ host: self.host, process: `${process.ppid}@` }, self)).toBe(false);
  });

  it("says nothing of this process, nor of processes elsewhere", () => {
    expect(isGone(self, self)).toBe(false);
    expect(isGone({ host: "elsewhere", process: `${dead}@` }, self)).toBe(false);
  });
});
