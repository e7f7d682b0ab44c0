import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A real S3 and STS server that can be stopped and started. */
export interface RealS3 extends AsyncDisposable {
  /** Of its `RGW_…` variables, by the name behind that. */
  readonly variable: (name: string) => string;
  /** Nothing listens any more; what is stored stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** The script that starts such a server; undefined on a machine without it. */
export const rgwUp: string | undefined = process.env["HEADGATE_RGW_UP"];
if (rgwUp === undefined && process.env["HEADGATE_REQUIRE_SERVICES"] === "1") {
  throw new Error("HEADGATE_RGW_UP is not set, and HEADGATE_REQUIRE_SERVICES asks for the S3 server.");
}

/** A variable of the server that all tests share; undefined on a machine without it. */
export function sharedS3(name: string): string | undefined {
  const value = process.env[`RGW_${name}`];
  if (value === undefined && process.env["HEADGATE_REQUIRE_SERVICES"] === "1")
    throw new Error(`RGW_${name} is not set, and HEADGATE_REQUIRE_SERVICES asks for the S3 server.`);
  return value;
}

/** Starts a server of its own: one that others use too must not be stopped. */
export async function startRealS3(script: string): Promise<RealS3> {
  // Unix sockets live in it: the path must be short.
  const folder = await mkdtemp(join(tmpdir(), "hg-s3-"));
  const ports = await freePorts(4);
  const names = ["RIG_PORT", "RIG_TLS_PORT", "RIG_MON_PORT", "RIG_OIDC_PORT"];
  const env = {
    ...process.env,
    ...Object.fromEntries(names.map((name, i) => [name, String(ports[i])])),
    RIG: join(folder, "rig"),
  };
  const start = async (): Promise<string> => (await run(script, [], { env })).stdout;
  const down = async (what: string): Promise<void> =>
    void (await run(join(dirname(script), "rgw-down"), [what], { env }));
  const variables = new Map(
    [...(await start()).matchAll(/^export RGW_(\w+)='(.*)'$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
  return {
    variable(name) {
      const value = variables.get(name);
      if (value === undefined) throw new Error(`the S3 server does not tell its RGW_${name}`);
      return value;
    },
    stop: () => down("--rgw"),
    start: async () => void (await start()),
    async [Symbol.asyncDispose]() {
      await down("--purge");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.once("listening", () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
