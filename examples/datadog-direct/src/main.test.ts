import { execFile } from "node:child_process";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startDatadogServer } from "@headgate/sink-testkit/datadog";
import { expect, it } from "vitest";

const main = join(import.meta.dirname, "main.ts");
const key = "0123456789abcdef0123456789abcdef";

it("verifies the intake and has its logs taken, with nothing hijacked", async () => {
  await using server = await startDatadogServer({ apiKeys: [key] });
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-datadog-"));
  const env = { ...process.env, DATADOG_LOGS_URL: server.url, DATADOG_API_KEY: key };
  const args = ["--conditions=@headgate/source", main];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder.path, env });
  expect(stdout).toContain("org_1-datadog: 2 delivered, active");
  expect(stdout).not.toMatch(/^failed/m);
  expect(stdout).not.toContain(key);
  const logs = server.logs.map(({ log }) => log).filter((log) => log["service"] === "acme-audit");
  const own = logs.flatMap(({ audit, status }) => {
    const { action } = (audit ?? {}) as { readonly action?: string };
    return action === undefined || action === "headgate.verification" ? [] : [[action, status]];
  });
  expect(own).toEqual([
    ["user.login", "info"],
    ["pipeline.started", "info"],
  ]);
});
