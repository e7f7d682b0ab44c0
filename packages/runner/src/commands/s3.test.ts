import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { headgate, type HeadgateResult } from "../testing/headgate-process.ts";
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts";

const available = process.env["RGW_ENDPOINT"] !== undefined;
if (!available && process.env["HEADGATE_REQUIRE_SERVICES"] === "1") {
  throw new Error("RGW_ENDPOINT is not set, and HEADGATE_REQUIRE_SERVICES asks for the S3 server.");
}

const rgw = (name: string): string => process.env[`RGW_${name}`] ?? "";
/** Credentials of one user of the server, and of nobody else. */
const as = (user: string): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: rgw(`${user}_ACCESS_KEY_ID`),
  AWS_SECRET_ACCESS_KEY: rgw(`${user}_SECRET_ACCESS_KEY`),
  AWS_EC2_METADATA_DISABLED: "true",
});

function configured(folder: TemporaryFolder, prefix: string, changes: Record<string, unknown> = {}): void {
  const lines = Array.from({ length: 90 }, (_, i) =>
    JSON.stringify({
      id: `e-${i}`,
      occurred_at: new Date(Date.parse("2025-07-16T09:00:00Z") + i * 60_000).toISOString(),
      action: "a.b",
      actor: { type: "user", id: "u" },
    }),
  );
  folder.write("events.ndjson", `${lines.join("\n")}\n`);
  const options = {
    bucket: rgw("BUCKET"),
    prefix,
    region: rgw("REGION"),
    endpoint: rgw("ENDPOINT"),
    force_path_style: true,
    compression: "zstd",
    credentials: { assume_role: { role_arn: rgw("ROLE_ARN"), external_id: "${env:EXTERNAL_ID}" } },
    ...changes,
  };
  const streams = [{ id: "acme-s3", organization: "acme", sink: "s3", options, allow_insecure_endpoint: true }];
  const sources = [{ kind: "file", path: "events.ndjson", organization: "acme" }];
  folder.write("headgate.yaml", JSON.stringify({ store: { kind: "sqlite", path: "headgate.db" }, sources, streams }));
}

const once = (folder: TemporaryFolder): Promise<HeadgateResult> =>
  headgate(["run", "--once", "--patience", "500ms"], { cwd: folder.path, env: { ...as("AUD"), EXTERNAL_ID: "ext-1" } });

function audit(place: string, user = "ADMIN"): Promise<HeadgateResult> {
  const where = ["--endpoint", rgw("ENDPOINT"), "--region", rgw("REGION"), "--force-path-style"];
  return headgate(["audit", place, ...where, "--json"], { cwd: "/", env: as(user) });
}

describe.skipIf(!available)("a real S3 server", () => {
  it("gets every event with an assumed role, and the audit of the bucket says so", async () => {
    using folder = temporaryFolder();
    const prefix = `runner-${randomBytes(6).toString("hex")}/`;
    configured(folder, prefix);
    const run = await once(folder);
    expect(run.stderr).not.toContain("pending");
    expect(run.code).toBe(0);
    const { code, stdout } = await audit(`s3://${rgw("BUCKET")}/${prefix}`);
    expect(JSON.parse(stdout)).toMatchObject({
      complete: true,
      objects: 2,
      events: 90,
      first_sequence: 1,
      last_sequence: 90,
    });
    expect(code).toBe(0);
  });

  it.each([
    [
      "a role that is not there",
      { credentials: { assume_role: { role_arn: "arn:aws:iam:::role/nobody" } } },
      /acme-s3 has been blocked since .*role/,
    ],
    ["a bucket that is not there", { bucket: "there-is-no-such-bucket" }, /acme-s3 has been blocked since .*bucket/],
    [
      "a bucket that the role may not write to",
      { bucket: rgw("OTHER_BUCKET") || "other" },
      /acme-s3 has been blocked since /,
    ],
  ])("blocks a stream to %s, says what to do, and keeps its events", async (_, changes, sentence) => {
    using folder = temporaryFolder();
    configured(folder, "runner-blocked/", changes);
    const { code, stdout, stderr } = await once(folder);
    expect(code).toBe(1);
    expect(stdout).toMatch(sentence);
    expect(stdout).toMatch(/acme-s3 +acme +s3 +blocked +0 +0 +0 +0 +90/);
    expect(stderr).toContain("90 events are still pending on acme-s3.");
    expect(stderr).not.toMatch(/^\s+at /m);
    const exported = await headgate(["export", "--organization", "acme"], { cwd: folder.path });
    expect(exported.stdout.trim().split("\n")).toHaveLength(90);
  });

  it("is verified with a role that may only write, and says what is wrong with one that is not there", async () => {
    using folder = temporaryFolder();
    configured(folder, "runner-verified/");
    const verify = (): Promise<HeadgateResult> =>
      headgate(["streams", "verify", "acme-s3", "--json"], {
        cwd: folder.path,
        env: { ...as("AUD"), EXTERNAL_ID: "ext-1" },
      });
    const good = await verify();
    expect(JSON.parse(good.stdout)).toMatchObject({ stream: "acme-s3", ok: true });
    expect(good.code).toBe(0);
    configured(folder, "runner-verified/", {
      credentials: { assume_role: { role_arn: "arn:aws:iam:::role/nobody", external_id: "ext-1" } },
    });
    const bad = await verify();
    const { steps } = JSON.parse(bad.stdout) as { steps: { name: string; status: string }[] };
    expect(steps.filter(({ status }) => status === "failed")).toMatchObject([{ name: "assume role" }]);
    expect(bad.code).toBe(3);
    expect(good.stdout + bad.stdout).not.toContain(as("AUD")["AWS_SECRET_ACCESS_KEY"]);
  });

  it("is not audited without credentials", async () => {
    const where = ["--endpoint", rgw("ENDPOINT"), "--region", rgw("REGION")];
    const env = {
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      HOME: "/nonexistent",
    };
    const result = await headgate(["audit", "s3://audit-logs/", ...where], { cwd: "/", env });
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toMatch(/^There are no AWS credentials to read s3:\/\/audit-logs\/ with\. Set AWS_PROFILE/);
  });

  it("says in one sentence why a bucket cannot be audited", async () => {
    for (const [place, user] of [
      ["s3://there-is-no-such-bucket/", "ADMIN"],
      [`s3://${rgw("BUCKET")}/no/such/prefix/`, "ADMIN"],
      [`s3://${rgw("BUCKET")}/`, "STRANGER"],
    ] as const) {
      const { code, stdout, stderr } = await audit(place, user);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/^[A-Z“"].{20,400}\.\n$/);
      expect(stderr).not.toContain("nothing expected");
    }
  });
});
