import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

/** A PostgreSQL cluster of a test's own, with everything synced as in production. */
export interface Cluster extends AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  /** A URL over the Unix socket, as the superuser or another role. */
  url(role?: string, database?: string): string;
  /** One over TCP on this machine. */
  tcpUrl(role?: string, database?: string): string;
  /** Runs statements as the superuser. */
  run(sql: string, database?: string): Promise<readonly Record<string, unknown>[]>;
  /** Ends the server as a crash would, and starts it again. */
  crash(): Promise<void>;
  /** Ends the server; `start` begins it again. */
  stop(mode: "fast" | "immediate"): Promise<void>;
  start(): Promise<void>;
}

const usual = "/usr/lib/postgresql";

/** Where the server's programs are; undefined where there are none. Tests are skipped there unless services are required. */
export function postgresPrograms(): string | undefined {
  const named = process.env["HEADGATE_POSTGRES_BIN"] ?? "";
  if (named !== "") return named;
  const versions = existsSync(usual) ? readdirSync(usual) : [];
  const folders = versions
    .map((version) => join(usual, version, "bin"))
    .filter((bin) => existsSync(join(bin, "initdb")));
  return folders.at(-1);
}

/** Whether tests on PostgreSQL are left out on this machine. */
export const withoutPostgres: boolean =
  postgresPrograms() === undefined && process.env["HEADGATE_REQUIRE_SERVICES"] !== "1";

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

/** Who runs servers here: they refuse to run as root. */
export function serverUser(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** Makes and starts a cluster; `settings` are added to its configuration. */
export async function startCluster(settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error("PostgreSQL is not installed here (see CONTRIBUTING.md)");
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), "headgate-pg-"));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  execFileSync(
    join(programs, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
    { ...user, stdio: "ignore" },
  );
  const port = await freePort();
  let server: ChildProcess | undefined;

  async function run(sql: string, database = "postgres"): Promise<readonly Record<string, unknown>[]> {
    const client = new Client({ host: folder, port, user: "postgres", database });
    client.on("error", () => {});
    await client.connect();
    try {
      const result: unknown = await client.query(sql);
      const last = (Array.isArray(result) ? result.at(-1) : result) as { readonly rows: Record<string, unknown>[] };
      return last.rows;
    } finally {
      await client.end();
    }
  }

  async function start(): Promise<void> {
    const all = {
      unix_socket_directories: folder,
      listen_addresses: "127.0.0.1",
      port: String(port),
      log_min_messages: "panic",
      ...settings,
    };
    const options = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    server = spawn(join(programs as string, "postgres"), ["-D", data, ...options], { ...user, stdio: "ignore" });
    for (let tries = 0; ; tries++) {
      try {
        await run("SELECT 1");
        return;
      } catch (error) {
        if (tries > 300 || server.exitCode !== null) throw error;
        await sleep(100);
      }
    }
  }

  async function stop(mode: "fast" | "immediate"): Promise<void> {
    const ending = server;
    server = undefined;
    if (ending === undefined || ending.exitCode !== null) return;
    const closed = once(ending, "close");
    ending.kill(mode === "fast" ? "SIGINT" : "SIGQUIT");
    await closed;
  }

  const urlAt = (host: string, role: string, database: string): string =>
    `postgresql://${role}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;

  await start();
  return {
    folder,
    port,
    url: (role = "postgres", database = "postgres") => urlAt(folder, role, database),
    tcpUrl: (role = "postgres", database = "postgres") => `postgresql://${role}@127.0.0.1:${port}/${database}`,
    run,
    stop,
    start,
    async crash() {
      await stop("immediate");
      await start();
    },
    async [Symbol.asyncDispose]() {
      await stop("immediate");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
