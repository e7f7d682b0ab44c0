import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type S3Server, startS3Server } from "@headgate/sink-testkit/s3";
import { afterEach, describe, expect, it, vi } from "vitest";
import { storedView } from "../embedded.ts";
import { main } from "../main.ts";
import { capturedTerminal } from "../testing/captured-terminal.ts";
import { type HeadgateResult, startHeadgate } from "../testing/headgate-process.ts";
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts";
import { stepView, verdictText } from "./verification.ts";

afterEach(() => void vi.unstubAllEnvs());

interface Steps {
  readonly ok: boolean;
  readonly steps: readonly { readonly name: string; readonly status: string }[];
}

/** A folder with a configuration of these streams. */
function project(declared: readonly object[] = []): TemporaryFolder {
  const folder = temporaryFolder();
  folder.write("headgate.yaml", JSON.stringify({ store: { kind: "sqlite", path: "headgate.db" }, streams: declared }));
  return folder;
}

async function streams(folder: TemporaryFolder, ...args: string[]): Promise<HeadgateResult> {
  const terminal = capturedTerminal();
  const code = await main(["streams", ...args, "-c", join(folder.path, "headgate.yaml")], terminal);
  return { code, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

const json = ({ stdout }: HeadgateResult): unknown => JSON.parse(stdout);

const roleArn = "arn:aws:iam::444455556666:role/headgate";
const platform = { accessKeyId: "AKIAPLATFORM", secretAccessKey: "platform-secret" };
const user = { ...platform, arn: "arn:aws:iam::111122223333:user/platform" };

/** A customer's bucket, whose role insists on an external id or not. */
async function customer(trust: { readonly externalId?: string }): Promise<S3Server> {
  vi.stubEnv("AWS_ACCESS_KEY_ID", platform.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", platform.secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", undefined);
  vi.stubEnv("AWS_PROFILE", undefined);
  const permissions = [{ actions: ["s3:PutObject"], resources: ["arn:aws:s3:::acme-audit-logs/*"] }];
  return startS3Server({
    users: [user],
    roles: [{ arn: roleArn, trust: [user.arn], permissions, ...trust }],
    buckets: [{ name: "acme-audit-logs", owner: "444455556666" }],
  });
}

const toS3 = (endpoint: string): object => ({
  id: "acme-s3",
  organization: "acme",
  sink: "s3",
  allow_insecure_endpoint: true,
  options: {
    bucket: "acme-audit-logs",
    prefix: "headgate/",
    endpoint,
    force_path_style: true,
    expected_bucket_owner: "444455556666",
    credentials: { assume_role: { role_arn: roleArn, external_id: "hg-7f3e9a51" } },
    encryption: { mode: "sse-s3" },
  },
});

describe("headgate streams verify", () => {
  it("prints the steps of an S3 stream for a person, and as one document", async () => {
    await using server = await customer({ externalId: "hg-7f3e9a51" });
    using folder = project([toS3(server.endpoint)]);
    const { code, stdout, stderr } = await streams(folder, "verify", "acme-s3");
    const marker = server.objects("acme-audit-logs")[0]?.key;
    expect({ code, stderr, stdout }).toEqual({
      code: 0,
      stderr: "",
      stdout: `✓ credentials       Found the platform's own credentials: a long-lived key.
✓ assume role       Assumed arn:aws:iam::444455556666:role/headgate.
✓ external id       The role is refused without an external id, and with a wrong one.
✓ write             Wrote ${marker} to bucket
                    acme-audit-logs.
✓ encryption        The reply shows sse-s3.
✓ owner and region  The server takes the region us-east-1, and refuses another owner than
                    444455556666.
✓ least privilege   The role may not list the bucket, read or delete what was written.

Verified: 7 steps ok.
`,
    });
    const document = await streams(folder, "verify", "acme-s3", "--json");
    expect(document.code).toBe(0);
    expect(json(document)).toMatchObject({ stream: "acme-s3", ok: true, steps: Array.from({ length: 7 }, () => ({})) });
  });

  it("ends with 3 and the fix where a role can be assumed by anybody", async () => {
    await using server = await customer({});
    using folder = project([toS3(server.endpoint)]);
    const { code, stdout } = await streams(folder, "verify", "acme-s3");
    expect(code).toBe(3);
    expect(stdout)
      .toContain(`✗ external id       The role can be assumed without an external id: its trust policy has no
                    condition on it. Another customer who knows its ARN could have it used (confused
                    deputy).
                    Fix: Add to the statement of the role's trust policy: "Condition": {
                    "StringEquals": { "sts:ExternalId": "…" } }, with the external id of this
                    stream.
`);
    expect(stdout).toMatch(/\n\nNot verified: 1 of 7 steps failed \(external id\)\.\n$/);
    const document = await streams(folder, "verify", "acme-s3", "--json");
    expect(document.code).toBe(3);
    expect(json(document)).toMatchObject({ ok: false });
    expect(stdout + document.stdout).not.toMatch(/hg-7f3e9a51|platform-secret/);
  });

  it("ends in order when it is stopped", async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => void sockets.add(socket.on("error", () => {})));
    const asked = new Promise((resolve) => server.once("connection", resolve));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    using folder = project([toS3(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)]);
    const env = { AWS_ACCESS_KEY_ID: platform.accessKeyId, AWS_SECRET_ACCESS_KEY: platform.secretAccessKey };
    await using verifying = startHeadgate(["streams", "verify", "acme-s3"], { cwd: folder.path, env });
    await asked;
    verifying.kill("SIGINT");
    const { code, stdout, stderr } = await verifying.ended;
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    expect({ code, stderr }).toEqual({ code: 3, stderr: "Stopping.\n" });
    expect(stdout).toMatch(/✗ verification +Stopped by a signal.*\n +Fix: Verify the stream again\.\n\nNot verified:/);
  });
});

describe("headgate streams create", () => {
  const create = ["create", "--organization", "acme", "--sink", "file", "--id", "made"];

  it("verifies the destination, and keeps the stream whatever that finds", async () => {
    using folder = project();
    folder.write("taken", "a file, not a folder");
    const options = folder.write("options.yaml", `directory: ${folder.path}/taken\n`);
    const made = await streams(folder, ...create, "--options", options);
    expect(made.code).toBe(3);
    expect(made.stdout).toMatch(
      /^Stream made is created, .*\n\n✗ folder [^]*\n +Fix: [^]*\n\nNot verified: .*\n.*The stream stays/,
    );
    const listed = json(await streams(folder, "list", "--json"));
    expect(listed).toMatchObject({ streams: [{ id: "made" }] });
    const again = await streams(folder, ...create, "--options", options, "--json");
    expect(again.code).toBe(3);
    // What is pending is the event of its creation.
    expect(json(again)).toMatchObject({ id: "made", pending: 1, verification: { ok: false } });

    rmSync(join(folder.path, "taken"));
    const mended = await streams(folder, ...create, "--options", options);
    expect(mended.code).toBe(0);
    expect(mended.stdout).toMatch(/✓ folder [^]*\n\nVerified: \d+ steps ok.*\n$/);
  });

  it("leaves the destination alone when it is told to", async () => {
    using folder = project();
    folder.write("taken", "a file, not a folder");
    const options = folder.write("options.yaml", `directory: ${folder.path}/taken\n`);
    const made = await streams(folder, ...create, "--name", "Archive", "--options", options, "--no-verify");
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(/^Stream made is created, .*\n$/);
    const document = json(await streams(folder, ...create, "--options", options, "--no-verify", "--json"));
    expect(document).not.toHaveProperty("verification");
    expect(document).toHaveProperty("name", "Archive");
  });
});

describe("headgate streams resume", () => {
  const paused = async (folder: TemporaryFolder): Promise<unknown> => {
    await using view = await storedView(join(folder.path, "headgate.yaml"));
    return (await view.headgate.streams.get("acme-files"))?.paused;
  };
  /** A stream of the file that has run once and is paused. */
  async function ranAndPaused(options: object): Promise<TemporaryFolder> {
    const folder = project([{ id: "acme-files", organization: "acme", sink: "file", options }]);
    vi.stubEnv("OUT", "out");
    await main(["run", "--once", "-c", join(folder.path, "headgate.yaml")], capturedTerminal());
    await streams(folder, "pause", "acme-files");
    expect(await paused(folder)).toBe(true);
    return folder;
  }

  it("verifies the destination, and resumes whatever that finds", async () => {
    using folder = await ranAndPaused({ directory: "./out" });
    const resumed = await streams(folder, "resume", "acme-files");
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).toMatch(/^Stream acme-files is resumed\.\n\n✓ [^]*\n\nVerified: /);

    await streams(folder, "pause", "acme-files");
    rmSync(join(folder.path, "out"), { recursive: true, force: true });
    folder.write("out", "");
    const failed = await streams(folder, "resume", "acme-files");
    expect(failed.code).toBe(3);
    expect(failed.stdout).toMatch(/✗ [^]*Not verified: [^]*It is resumed all the same/);
    expect(await paused(folder)).toBe(false);
    const left = await streams(folder, "resume", "acme-files", "--no-verify");
    expect(left).toMatchObject({ code: 0, stdout: "Stream acme-files is resumed.\n" });
  });

  it("resumes where the configuration's secrets are missing, and says that it cannot verify", async () => {
    using folder = await ranAndPaused({ directory: "./${env:OUT}" });
    vi.stubEnv("OUT", undefined);
    const resumed = await streams(folder, "resume", "acme-files", "--json");
    expect(resumed.code).toBe(3);
    const { verification } = json(resumed) as { readonly verification: Steps };
    expect(verification).toMatchObject({ ok: false, steps: [{ name: "settings", status: "failed" }] });
    expect(await paused(folder)).toBe(false);
  });
});

describe("stepView", () => {
  it("fits the terminal of whoever looks, and tells a fix from an advice", async () => {
    const terminal = capturedTerminal({ reads: true, columns: 60 });
    const show = stepView(terminal, undefined);
    const detail = "one two three four five six seven eight nine ten";
    await show({ name: "write", status: "failed", detail, fix: "Mend it." });
    await show({ name: "a name that is too long", status: "skipped", detail: "\u001b[2J" });
    await show({ name: "owner", status: "ok", detail: "Yes.", fix: "Name it." });
    expect(terminal.stdout()).toBe(`✗ write             one two three four five six seven eight
                    nine ten
                    Fix: Mend it.
– a name that is too long [2J
✓ owner             Yes.
                    Better: Name it.
`);
    const steps = [
      { name: "a", status: "ok", detail: "" },
      { name: "b", status: "skipped", detail: "" },
    ] as const;
    expect(verdictText({ ok: true, steps })).toBe("Verified: 1 step ok, 1 skipped.\n");
  });
});
