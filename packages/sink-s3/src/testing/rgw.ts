import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempDisposable, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Sink } from "@headgate/core";
import { secret } from "@headgate/core";
import { sinkContext } from "@headgate/sink-testkit";
import type { SinkOverrides } from "@headgate/sink-testkit";
import { s3Objects } from "../objects.ts";
import type { S3Object } from "../objects.ts";
import type { S3SinkOptions } from "../options.ts";
import { s3Sink } from "../s3-sink.ts";

const run = promisify(execFile);
type Env = Readonly<Record<string, string | undefined>>;

/** Why the tests on a real server cannot run here; undefined where they can, or must. */
export function rgwMissing(variable: "RGW_ENDPOINT" | "HEADGATE_RGW_UP"): string | undefined {
  if ((process.env[variable] ?? "") !== "" || process.env["HEADGATE_REQUIRE_SERVICES"] === "1") return undefined;
  return `${variable} is not set: there is no real S3 server to test with`;
}

/** A real S3 and STS server (Ceph RADOS Gateway), as its environment describes it. */
export interface Rgw {
  readonly env: Env;
  readonly bucket: string;
  /** The platform's own key. */
  readonly platform: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Makes a role that the platform may assume and that may only write to the bucket. Removed on disposal. */
  role(): Promise<RgwRole>;
  /** A sink that assumes a role; the platform's own key is the base. */
  sink(roleArn: string, options?: Partial<S3SinkOptions>, context?: SinkOverrides): Sink;
  /** Objects under a prefix, read with a key that may read everything. */
  objects(prefix: string): Promise<S3Object[]>;
}

/** A role of a test's own: what is done to it disturbs nobody. */
export interface RgwRole extends AsyncDisposable {
  readonly arn: string;
  /** Takes its permission away. */
  deny(): Promise<void>;
  /** Gives it back. `more`: what it may do in that bucket besides. */
  allow(more?: readonly string[]): Promise<void>;
}

/** A prefix that nothing else writes to. */
export function ownPrefix(): string {
  return `sink-s3/${randomBytes(6).toString("hex")}/`;
}

/** The server of an environment. */
export function rgw(env: Env = process.env): Rgw {
  const value = (name: string): string => {
    const found = env[name];
    if (found === undefined || found === "") throw new Error(`${name} is not set`);
    return found;
  };
  const admin = (...parameters: string[]): Promise<unknown> =>
    run("radosgw-admin", ["-c", value("RGW_CEPH_CONF"), ...parameters]);
  const bucket = value("RGW_BUCKET");
  const platform = {
    accessKeyId: value("RGW_AUD_ACCESS_KEY_ID"),
    secretAccessKey: value("RGW_AUD_SECRET_ACCESS_KEY"),
  };
  const definition = s3Sink({ allowInsecureEndpoint: true, baseCredentials: () => Promise.resolve(platform) });
  return {
    env,
    bucket,
    platform,
    async role() {
      const name = `sink-s3-${randomBytes(6).toString("hex")}`;
      const principal = { AWS: ["arn:aws:iam:::user/aud-platform"] };
      const trust = { Effect: "Allow", Principal: principal, Action: ["sts:AssumeRole"] };
      const objects = `arn:aws:s3:::${bucket}/*`;
      const write = { Effect: "Allow", Action: ["s3:PutObject"], Resource: [objects] };
      const policy = (...Statement: object[]): string => JSON.stringify({ Version: "2012-10-17", Statement });
      const named = [`--role-name=${name}`];
      const allow = async (more: readonly string[] = []): Promise<void> => {
        const besides = { Effect: "Allow", Action: more, Resource: [`arn:aws:s3:::${bucket}`, objects] };
        const document = more.length === 0 ? policy(write) : policy(write, besides);
        await admin("role-policy", "put", ...named, "--policy-name=write", `--policy-doc=${document}`);
      };
      await admin("role", "create", ...named, "--path=/", `--assume-role-policy-doc=${policy(trust)}`);
      await allow();
      return {
        arn: `arn:aws:iam:::role/${name}`,
        allow,
        async deny() {
          await admin("role-policy", "delete", ...named, "--policy-name=write");
        },
        async [Symbol.asyncDispose]() {
          await admin("role-policy", "delete", ...named, "--policy-name=write").catch(() => undefined);
          await admin("role", "delete", ...named);
        },
      };
    },
    sink(roleArn, options, context) {
      const base = { bucket, endpoint: value("RGW_ENDPOINT"), forcePathStyle: true };
      const credentials = { assumeRole: { roleArn, externalId: "sink-s3-test" } };
      return definition.create({ ...base, credentials, ...options }, sinkContext(context));
    },
    objects: (prefix) =>
      Array.fromAsync(
        s3Objects({
          bucket,
          prefix,
          endpoint: value("RGW_ENDPOINT"),
          forcePathStyle: true,
          allowInsecureEndpoint: true,
          credentials: {
            accessKeyId: value("RGW_ADMIN_ACCESS_KEY_ID"),
            secretAccessKey: secret(value("RGW_ADMIN_SECRET_ACCESS_KEY")),
          },
        }),
      ),
  };
}

/** A second server that a test may stop, hang and configure as it likes. */
export interface OwnRgw extends Rgw, AsyncDisposable {
  /** Sets one of the gateway's options at once. */
  configure(name: string, value: string): Promise<void>;
  /** Suspends and resumes the gateway: it takes connections and answers nothing. */
  suspend(): Promise<void>;
  resume(): Promise<void>;
  /** Ends the gateway alone: connections are refused. */
  down(): Promise<void>;
  up(): Promise<void>;
}

/** Starts a server of the test's own with the script that HEADGATE_RGW_UP names. */
export async function ownRgw(): Promise<OwnRgw> {
  const script = process.env["HEADGATE_RGW_UP"] ?? "";
  const folder = await mkdtempDisposable(join(tmpdir(), "headgate-rgw-"));
  const names = ["RIG_PORT", "RIG_TLS_PORT", "RIG_MON_PORT", "RIG_OIDC_PORT"];
  const ports = await freePorts(names.length);
  const rig = Object.fromEntries(names.map((name, index) => [name, String(ports[index])]));
  const env = { ...process.env, ...rig, RIG: join(folder.path, "rig"), RIG_BYTES: "1073741824" };
  const start = async (): Promise<string> => (await run(script, [], { env })).stdout;
  const stop = (what: string): Promise<unknown> => run(join(dirname(script), "rgw-down"), [what], { env });
  const lines = (await start()).matchAll(/^export (\w+)='(.*)'$/gm);
  const server = Object.fromEntries([...lines].map(([, name = "", value = ""]) => [name, value]));
  const signal = async (name: "SIGSTOP" | "SIGCONT"): Promise<void> => {
    const pid = await readFile(join(env.RIG, "run", "client.rgw.pid"), "utf8");
    process.kill(Number(pid.trim()), name);
  };
  return {
    ...rgw(server),
    configure: async (name, value) => {
      await run("ceph", ["--admin-daemon", server["RGW_ADMIN_SOCKET"] ?? "", "config", "set", name, value]);
    },
    suspend: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    down: async () => void (await stop("--rgw")),
    up: async () => void (await start()),
    async [Symbol.asyncDispose]() {
      await stop("--purge");
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Ports that nobody listens on, all held until the last is found. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
}
