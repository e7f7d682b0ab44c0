import { execFile } from "node:child_process";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const main = join(import.meta.dirname, "main.ts");
const { RGW_ENDPOINT, HEADGATE_REQUIRE_SERVICES } = process.env;

it("delivers through an assumed role to a real S3 server", async (context) => {
  context.skip(
    (RGW_ENDPOINT ?? "") === "" && HEADGATE_REQUIRE_SERVICES !== "1",
    "RGW_ENDPOINT is not set: there is no S3 server to deliver to",
  );
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-s3-"));
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: process.env["RGW_AUD_ACCESS_KEY_ID"],
    AWS_SECRET_ACCESS_KEY: process.env["RGW_AUD_SECRET_ACCESS_KEY"],
    S3_ENDPOINT: RGW_ENDPOINT,
    S3_BUCKET: process.env["RGW_BUCKET"],
    S3_REGION: process.env["RGW_REGION"],
    S3_ROLE_ARN: process.env["RGW_ROLE_ARN"],
    S3_EXTERNAL_ID: "example-external-id",
  };
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@headgate/source", main], {
    cwd: folder.path,
    env,
  });
  expect(stdout).toMatch(/2 delivered, active/);
});
