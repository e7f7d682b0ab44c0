import { generateKeyPairSync } from "node:crypto";
import { globSync } from "node:fs";
import { expect, it } from "vitest";
import { headgate, startHeadgate } from "../testing/headgate-process.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const event = { action: "user.login", actor: { type: "user", id: "u_1" } };

it("signs the end of a stream's digests where a runner is at work, and says that it does not where none is", async () => {
  using folder = temporaryFolder();
  const { privateKey } = generateKeyPairSync("ed25519");
  folder.write("digests.pem", String(privateKey.export({ type: "pkcs8", format: "pem" })));
  folder.write("events.ndjson", `${JSON.stringify(event)}\n`);
  const streams = ["a", "b"].map((id) => ({
    id,
    organization: "acme",
    sink: "file",
    options: { directory: `./out-${id}` },
    flush: { max_age: "1s" },
  }));
  const config = {
    store: { kind: "sqlite", path: "./headgate.db" },
    digests: { key: "${file:digests.pem}", every: "1s" },
    sources: [{ kind: "file", path: "events.ndjson", organization: "acme", follow: true }],
    streams,
  };
  folder.write("headgate.yaml", JSON.stringify(config));
  const place = { cwd: folder.path };
  const run = (...args: readonly string[]): ReturnType<typeof headgate> => headgate(args, place);
  // Only a chain that has been ended reaches so far.
  const audited = async (id: string): Promise<unknown> =>
    JSON.parse((await run("audit", `out-${id}`, "--until", "2100-01-01T00:00:00Z", "--json")).stdout) as unknown;

  {
    await using runner = startHeadgate(["run", "-c", "headgate.yaml"], place);
    const digests = (id: string): readonly string[] => globSync(`out-${id}/_digests/**/*.json`, { cwd: folder.path });
    await expect.poll(() => Math.min(digests("a").length, digests("b").length)).toBeGreaterThan(0);
    const deleted = await run("streams", "delete", "a", "-c", "headgate.yaml", "--force");
    expect(deleted).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/number \d+ says that it ends/) as string,
    });
    runner.kill("SIGTERM");
    await runner.ended;
  }
  expect(await audited("a")).toMatchObject({ complete: true, findings: [] });
  const deleted = await run("streams", "delete", "b", "-c", "headgate.yaml", "--force");
  expect(deleted).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("nothing signs that it ends there") as string,
  });
  expect(await audited("b")).toMatchObject({ complete: false, findings: [{ kind: "chain_cut_at_tail" }] });
});
