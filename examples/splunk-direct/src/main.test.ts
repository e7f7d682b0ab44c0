import { execFile } from "node:child_process";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startHecServer } from "@headgate/sink-testkit/hec";
import { expect, it } from "vitest";

const main = join(import.meta.dirname, "main.ts");
const token = "0d3f1c1e-7a34-4a55-9f0f-5e2f3c9d8b11";

it.each([false, true])(
  "verifies the collector and has its events indexed, acknowledged: %s",
  async (acknowledge) => {
    await using server = await startHecServer({ tls: true, tokens: [{ token, acknowledge, indexes: ["audit"] }] });
    await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-splunk-"));
    await writeFile(join(folder.path, "ca.pem"), server.ca ?? "");
    const env = {
      ...process.env,
      HEC_URL: server.url,
      HEC_TOKEN: token,
      HEC_INDEX: "audit",
      HEC_CA_FILE: "ca.pem",
      HEC_NETWORK: "127.0.0.0/8",
    };
    for (let run = 1; run <= 2; run++) {
      const args = ["--conditions=@headgate/source", main];
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder.path, env });
      expect(stdout).toContain(`org_1-splunk: ${2 * run} delivered, active`);
      expect(stdout).not.toMatch(/^failed/m);
      expect(stdout).not.toContain(token);
    }
    const logged = server.events.filter(({ fields }) => fields?.["organization"] === "org_1");
    const actions = logged.map(({ event, index }) => [(event as { readonly action: string }).action, index]);
    const two = [
      ["user.login", "audit"],
      ["pipeline.started", "audit"],
    ];
    expect(actions.filter(([action]) => action !== "headgate.verification")).toEqual([...two, ...two]);
  },
  60_000,
);
