import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { emptyPrefix, s3Server } from "./bucket.ts";
import { headgate } from "./runner-process.ts";
import { bucketObjects, folderObjects, type StoredLine, storedLines } from "./stored-objects.ts";

const data = process.env["HEADGATE_DATA"] ?? "";
const kinds = ["github", "okta", "gcp_audit"] as const;
const recordsOf = (kind: string): string => join(data, `${kind}.ndjson`);

const missing = [
  ...(process.env["RGW_ENDPOINT"] === undefined ? ["RGW_ENDPOINT, the S3 server"] : []),
  ...(kinds.every((kind) => existsSync(recordsOf(kind))) ? [] : ["HEADGATE_DATA, the folder of the real records"]),
].join(" and ");
if (missing !== "" && process.env["HEADGATE_REQUIRE_SERVICES"] === "1")
  throw new Error(`HEADGATE_REQUIRE_SERVICES asks for ${missing}: not set.`);
const needs = `needs ${missing}`;

/** Runs a command to its end, which must be a good one, and returns what it printed as JSON. */
async function json<T>(args: readonly string[], keys: "AUD" | "ADMIN"): Promise<T> {
  const run = headgate([...args, "--json"], {
    AWS_ACCESS_KEY_ID: process.env[`RGW_${keys}_ACCESS_KEY_ID`],
    AWS_SECRET_ACCESS_KEY: process.env[`RGW_${keys}_SECRET_ACCESS_KEY`],
    AWS_EC2_METADATA_DISABLED: "true",
  });
  const code = await run.ended;
  if (code !== 0) throw new Error(`headgate ${args.join(" ")} ended with ${code}: ${run.output()} ${run.log()}`);
  return JSON.parse(run.output()) as T;
}

interface RunSummary {
  readonly complete: boolean;
  readonly sources: readonly {
    readonly source: string;
    readonly read: number;
    readonly accepted: number;
    readonly duplicates: number;
    readonly rejected: number;
  }[];
}

interface Rejected {
  readonly kind: string;
  readonly organization: string;
  readonly line: number;
  readonly reason: { readonly code: string };
}

interface AuditSummary {
  readonly complete: boolean;
  readonly events: number;
  readonly ignored: number;
}

/** A folder and a prefix for one test, both gone after it. */
function places(): { folder: string; prefix: string } & AsyncDisposable {
  const folder = mkdtempSync(join(tmpdir(), "headgate-real-input-"));
  const prefix = `${folder.slice(tmpdir().length + 1)}/`;
  return {
    folder,
    prefix,
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true });
      await emptyPrefix(s3Server(), prefix);
    },
  };
}

function configuration(folder: string, prefix: string, compression: string): unknown {
  const { endpoint, bucket } = s3Server();
  const s3 = {
    bucket,
    region: "us-east-1",
    endpoint,
    force_path_style: true,
    credentials: { assume_role: { role_arn: process.env["RGW_ROLE_ARN"], external_id: "real-input" } },
    compression,
  };
  return {
    store: { kind: "sqlite", path: join(folder, "headgate.db") },
    sources: kinds.map((kind) => ({
      kind: "file",
      path: recordsOf(kind),
      organization: kind,
      mapping: fileURLToPath(new URL(`../../examples/mappings/${kind}.yaml`, import.meta.url)),
    })),
    streams: kinds.flatMap((kind) => [
      {
        id: `${kind}-s3`,
        organization: kind,
        sink: "s3",
        options: { ...s3, prefix: `${prefix}${kind}/` },
        shared_role: true,
        allow_insecure_endpoint: true,
      },
      {
        id: `${kind}-files`,
        organization: kind,
        sink: "file",
        options: { directory: join(folder, "out", kind), compression },
      },
    ]),
  };
}

/** The bytes of `metadata` in a stored line, one char each: it stands between the fixed members and the sequence. */
function metadataOf({ text }: StoredLine): string {
  const begin = ',"metadata":';
  return text.slice(text.indexOf(begin) + begin.length, text.lastIndexOf(',"sequence":'));
}

describe("headgate run --once on the real records", () => {
  it.for(["none", "gzip"] as const)(
    "puts each record, to the byte, into a folder and a bucket: compression %s",
    async (compression, context) => {
      context.skip(missing !== "", needs);
      const server = s3Server();
      await using place = places();
      const { folder, prefix } = place;
      const config = join(folder, "headgate.json");
      writeFileSync(config, JSON.stringify(configuration(folder, prefix, compression)));
      const stored = async (): Promise<Record<"folder" | "bucket", StoredLine[]>> => ({
        folder: storedLines(folderObjects(join(folder, "out")), compression),
        bucket: storedLines(await bucketObjects(server, prefix), compression),
      });

      const first = await json<RunSummary>(["run", "-c", config, "--once"], "AUD");
      expect(first.complete).toBe(true);
      const { quarantine } = await json<{ quarantine: readonly Rejected[] }>(
        ["quarantine", "list", "-c", config],
        "AUD",
      );
      expect(quarantine.filter((one) => one.kind !== "record" || one.reason.code !== "record_unmappable")).toEqual([]);

      const lines = await stored();
      for (const kind of kinds) {
        // As Latin-1, so that text compares as bytes do.
        const records = readFileSync(recordsOf(kind), "latin1").split("\n").slice(0, -1);
        const rejected = new Set(quarantine.filter((one) => one.organization === kind).map(({ line }) => line));
        const wanted = records.filter((_, i) => !rejected.has(i + 1));
        expect(wanted.length).toBeGreaterThan(rejected.size);
        expect(first.sources.find(({ source }) => source === recordsOf(kind))).toMatchObject({
          read: records.length,
          accepted: wanted.length,
          duplicates: 0,
          rejected: rejected.size,
        });
        for (const where of ["folder", "bucket"] as const) {
          const own = lines[where].filter(({ organization }) => organization === kind);
          expect(own.length + rejected.size, `${kind} in the ${where}`).toBe(records.length);
          expect(own.map(metadataOf), `${kind} in the ${where}`).toEqual(wanted);
          expect(own.map(({ sequence }) => sequence)).toEqual(wanted.map((_, i) => i + 1));
        }
      }
      expect(lines.bucket).toEqual(lines.folder);

      const events = lines.folder.length;
      const flags = ["--endpoint", server.endpoint, "--region", "us-east-1", "--force-path-style"];
      const audits = [
        ["audit", join(folder, "out")],
        ["audit", `s3://${server.bucket}/${prefix}`, ...flags],
      ];
      for (const audit of audits) {
        expect(await json<AuditSummary>(audit, "ADMIN")).toMatchObject({ complete: true, events });
      }

      const second = await json<RunSummary>(["run", "-c", config, "--once"], "AUD");
      expect(second.complete).toBe(true);
      expect(second.sources.map(({ read, accepted }) => [read, accepted])).toEqual(kinds.map(() => [0, 0]));
      expect(await stored()).toEqual(lines);
    },
  );
});

describe("the role that the records are put with", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("may put, and neither read nor list", async (context) => {
    context.skip(missing !== "", needs);
    const server = s3Server();
    await using place = places();
    const { folder, prefix } = place;
    // The SDK assumes the role that a profile names, with the STS client that it brings along.
    const profiles = join(folder, "aws");
    writeFileSync(
      profiles,
      `[profile platform]
aws_access_key_id = ${process.env["RGW_AUD_ACCESS_KEY_ID"]}
aws_secret_access_key = ${process.env["RGW_AUD_SECRET_ACCESS_KEY"]}
[profile writer]
source_profile = platform
role_arn = ${process.env["RGW_ROLE_ARN"]}
region = us-east-1
`,
      { mode: 0o600 },
    );
    vi.stubEnv("AWS_CONFIG_FILE", profiles);
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "none"));
    vi.stubEnv("AWS_ENDPOINT_URL_STS", server.endpoint);
    const role = new S3Client({
      profile: "writer",
      endpoint: server.endpoint,
      region: "us-east-1",
      forcePathStyle: true,
    });
    expect((await role.config.credentials()).sessionToken).toEqual(expect.any(String));

    const object = { Bucket: server.bucket, Key: `${prefix}object` };
    await role.send(new PutObjectCommand({ ...object, Body: "{}\n" }));
    expect((await server.client.send(new HeadObjectCommand(object))).ContentLength).toBe(3);
    const refused = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };
    await expect(role.send(new GetObjectCommand(object))).rejects.toMatchObject(refused);
    await expect(role.send(new ListObjectsV2Command({ Bucket: server.bucket, Prefix: prefix }))).rejects.toMatchObject(
      refused,
    );
  });
});
