import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { type Cluster, freePort, serverUser } from "./cluster.ts";

/** A PgBouncer in front of a cluster, which gives each transaction whichever connection is free. */
export interface Pooler extends AsyncDisposable {
  url(role?: string, database?: string): string;
}

const program = process.env["HEADGATE_PGBOUNCER"] ?? "/usr/sbin/pgbouncer";

/** Whether tests through a pooler are left out on this machine. */
export const withoutPooler: boolean = !existsSync(program) && process.env["HEADGATE_REQUIRE_SERVICES"] !== "1";

/** Starts one in transaction mode. */
export async function startPooler(cluster: Cluster): Promise<Pooler> {
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), "headgate-pooler-"));
  const port = await freePort();
  const users = join(folder, "users.txt");
  const config = join(folder, "pgbouncer.ini");
  writeFileSync(users, '"postgres" ""\n');
  writeFileSync(
    config,
    `[databases]
postgres = user=postgres host=${cluster.folder} port=${cluster.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
auth_file = ${users}
pool_mode = transaction
default_pool_size = 4
max_client_conn = 500
`,
  );
  if (user.uid !== undefined && user.gid !== undefined) {
    for (const path of [folder, users, config]) chownSync(path, user.uid, user.gid);
  }
  const server: ChildProcess = spawn(program, ["-q", config], { ...user, stdio: "ignore" });
  const url = (role = "postgres", database = "postgres"): string =>
    `postgresql://${role}@127.0.0.1:${port}/${database}`;
  for (let tries = 0; ; tries++) {
    const client = new Client(url());
    client.on("error", () => {});
    try {
      await client.connect();
      await client.end();
      break;
    } catch (error) {
      if (tries > 100 || server.exitCode !== null) throw error;
      await sleep(100);
    }
  }
  return {
    url,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      if (server.exitCode === null && server.kill("SIGKILL")) await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
