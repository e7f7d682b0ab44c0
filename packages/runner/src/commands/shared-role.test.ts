import { describe, expect, it } from "vitest";
import { main } from "../main.ts";
import { capturedTerminal } from "../testing/captured-terminal.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

// Nothing answers there, and nothing is to be delivered.
const endpoint = "http://127.0.0.1:9";
const options = (prefix: string): object => ({
  bucket: "audit-logs",
  prefix,
  endpoint,
  force_path_style: true,
  credentials: { assume_role: { role_arn: "arn:aws:iam::444455556666:role/headgate", external_id: "hg-1" } },
});
const declared = (organization: string, rest: object = {}): object => ({
  id: `${organization}-s3`,
  organization,
  sink: "s3",
  options: options(`${organization}/`),
  allow_insecure_endpoint: true,
  ...rest,
});

async function headgate(folder: { readonly path: string }, ...args: string[]) {
  const terminal = capturedTerminal();
  const code = await main([...args, "-c", `${folder.path}/headgate.yaml`], terminal);
  return { code, stderr: terminal.stderr() };
}

describe("a role of another organization", () => {
  it("is refused to a stream of the configuration, and the log names who uses it; shared_role lets both", async () => {
    using folder = temporaryFolder();
    const run = (...streams: object[]) => {
      const config = { store: { kind: "sqlite", path: "headgate.db" }, streams, log: { format: "json" } };
      folder.write("headgate.yaml", JSON.stringify(config));
      return headgate(folder, "run", "--once", "--patience", "100ms");
    };
    const refused = await run(declared("acme"), declared("globex"));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('"organization":"globex","stream":"globex-s3","holder":"acme"');
    expect(refused.stderr).toMatch(/This role is in use by another organization.*shared_role/s);
    expect((await run(declared("acme"), declared("globex", { shared_role: true }))).code).toBe(0);
  });

  it("is refused to a stream that is created beside it", async () => {
    using folder = temporaryFolder();
    folder.write("headgate.yaml", JSON.stringify({ store: { kind: "sqlite", path: "headgate.db" } }));
    const { endpoint: _, ...onAws } = options("p/") as { readonly endpoint: string };
    folder.write("options.yaml", JSON.stringify({ ...onAws, region: "eu-west-1" }));
    const given = ["--sink", "s3", "--options", `${folder.path}/options.yaml`, "--no-verify"];
    const create = (organization: string) =>
      headgate(folder, "streams", "create", "--organization", organization, ...given);
    expect(await create("acme")).toMatchObject({ code: 0, stderr: "" });
    const refused = await create("globex");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("This role is in use by another organization");
    expect(refused.stderr).toContain('"holder":"acme"');
  });
});
