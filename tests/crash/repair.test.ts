import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { deleteObject, emptyPrefix, putObject, s3Server } from "./bucket.ts";
import { headgate } from "./runner-process.ts";
import { bucketObjects } from "./stored-objects.ts";

const available = process.env["RGW_ENDPOINT"] !== undefined;
if (!available && process.env["HEADGATE_REQUIRE_SERVICES"] === "1")
  throw new Error("HEADGATE_REQUIRE_SERVICES asks for RGW_ENDPOINT, the S3 server: not set.");

/** Runs a command to its end as one of the server's users. */
async function run(
  user: "AUD" | "ADMIN",
  ...args: readonly string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const command = headgate(args, {
    AWS_ACCESS_KEY_ID: process.env[`RGW_${user}_ACCESS_KEY_ID`],
    AWS_SECRET_ACCESS_KEY: process.env[`RGW_${user}_SECRET_ACCESS_KEY`],
    AWS_EC2_METADATA_DISABLED: "true",
  });
  const code = await command.ended;
  return { code, stdout: command.output(), stderr: command.log() };
}

describe.skipIf(!available)("a repair of a bucket", () => {
  it("brings back what was deleted, and leaves what was altered to whoever may delete it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "headgate-repair-"));
    const server = s3Server();
    const prefix = `${folder.slice(tmpdir().length + 1)}/`;
    const [file, report] = [join(folder, "headgate.yaml"), join(folder, "report.json")];
    const lines = Array.from({ length: 60 }, (_, i) =>
      JSON.stringify({
        id: `e-${i}`,
        occurred_at: new Date(Date.now() - (60 - i) * 240_000).toISOString(),
        action: "a.b",
        actor: { type: "user", id: "u" },
      }),
    );
    writeFileSync(join(folder, "events.ndjson"), `${lines.join("\n")}\n`);
    writeFileSync(
      join(folder, "key.pem"),
      String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
    );
    const options = {
      bucket: server.bucket,
      prefix,
      region: process.env["RGW_REGION"],
      endpoint: server.endpoint,
      force_path_style: true,
      credentials: { assume_role: { role_arn: process.env["RGW_ROLE_ARN"], external_id: "repair" } },
      compression: "gzip",
    };
    writeFileSync(
      file,
      JSON.stringify({
        store: { kind: "sqlite", path: join(folder, "headgate.db") },
        sources: [{ kind: "file", path: join(folder, "events.ndjson"), organization: "acme" }],
        streams: [{ id: "acme-s3", organization: "acme", sink: "s3", options, allow_insecure_endpoint: true }],
        digests: { key: `\${file:${join(folder, "key.pem")}}` },
      }),
    );
    const audited = async (): Promise<number | null> => {
      const where = ["--endpoint", server.endpoint, "--region", process.env["RGW_REGION"] ?? "", "--force-path-style"];
      const { code, stdout } = await run("ADMIN", "audit", `s3://${server.bucket}/${prefix}`, ...where, "--json");
      writeFileSync(report, stdout);
      return code;
    };
    const repaired = (): ReturnType<typeof run> => run("AUD", "repair", "-c", file, "--report", report);
    const stored = async (): Promise<ReadonlyMap<string, Uint8Array>> =>
      new Map((await bucketObjects(server, prefix)).map(({ key, bytes }) => [key, bytes]));
    try {
      expect(await run("AUD", "run", "-c", file, "--once")).toMatchObject({ code: 0 });
      const before = await stored();
      const [altered = "", gone = ""] = [...before.keys()].filter((key) => key.startsWith("year="));
      const bytes = before.get(altered) ?? new Uint8Array();
      await deleteObject(server, prefix + gone);
      await putObject(server, prefix + altered, bytes.slice(0, -1));
      expect(await audited()).toBe(3);

      const first = await repaired();
      expect(first).toMatchObject({ code: 3 });
      expect(first.stdout).toContain(`${altered} of stream acme-s3: what is at its key`);
      const after = await stored();
      expect(after.get(gone)).toEqual(before.get(gone));
      expect(after.get(altered)).toEqual(bytes.slice(0, -1));

      // With it out of the way, the report of before brings it back, and that of a new audit too.
      await deleteObject(server, prefix + altered);
      await repaired();
      expect((await stored()).get(altered)).toEqual(bytes);
      await deleteObject(server, prefix + altered);
      expect(await audited()).toBe(3);
      expect(await repaired()).toMatchObject({ code: 0 });
      expect(await repaired()).toMatchObject({ code: 0 });
      const last = await stored();
      for (const [key, there] of before) expect([key, last.get(key)]).toEqual([key, there]);
      expect(await audited()).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
      await emptyPrefix(server, prefix);
    }
  });
});
