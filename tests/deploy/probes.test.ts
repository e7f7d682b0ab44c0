import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, freePort, startCluster, withoutPostgres } from "../database/cluster.ts";
import { root, yamlFile } from "./files.ts";
import { laidOut } from "./settings.ts";

const cli = join(root, "packages", "runner", "src", "cli.ts");
const { services } = yamlFile("compose/compose.yaml")[0] as {
  readonly services: Readonly<Record<string, { readonly command?: readonly string[] }>>;
};

interface Runner {
  readonly child: ChildProcess;
  readonly ended: Promise<readonly unknown[]>;
  /** The status of `/readyz` and of `/healthz`; 0 where nothing answers. */
  readonly probes: () => Promise<readonly [number, number]>;
}

describe.skipIf(withoutPostgres)("two runners by the commands and the configuration of the Compose file", () => {
  const folder = mkdtempDisposableSync(join(tmpdir(), "headgate-probes-"));
  const runners: Runner[] = [];
  let cluster: Cluster;

  async function start(name: string): Promise<void> {
    const port = await freePort();
    const place = mkdtempDisposableSync(join(folder.path, name)).path;
    const config = laidOut("compose/headgate.yaml", place, [
      ["listen: 0.0.0.0:8686", `listen: 127.0.0.1:${port}`],
      ["@database:5432/headgate", `@127.0.0.1:${cluster.port}/headgate`],
    ]);
    const words = (services[name]?.command ?? []).map((word) => word.replace("/etc/headgate/headgate.yaml", config));
    expect(words).toContain(config);
    const child = spawn(process.execPath, ["--conditions=@headgate/source", cli, ...words], { stdio: "ignore" });
    const status = (path: string): Promise<number> =>
      fetch(`http://127.0.0.1:${port}${path}`).then(
        (answer) => answer.status,
        () => 0,
      );
    runners.push({
      child,
      ended: once(child, "exit"),
      probes: async () => await Promise.all([status("/readyz"), status("/healthz")]),
    });
  }

  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.run("CREATE ROLE headgate LOGIN");
    await cluster.run("CREATE DATABASE headgate OWNER headgate");
  });
  afterAll(async () => {
    for (const { child } of runners) child.kill("SIGKILL");
    await Promise.all(runners.map(({ ended }) => ended));
    await cluster[Symbol.asyncDispose]();
    folder.remove();
  });

  const all = (expected: readonly [number, number]): Promise<void> =>
    Promise.all(runners.map(({ probes }) => expect.poll(probes, { timeout: 60_000 }).toEqual(expected))).then(() => {});

  it("become ready, are not while the database is away, go on living, and are again when it is back", async () => {
    await start("headgate-1");
    await start("headgate-2");
    await all([200, 200]);
    await cluster.stop("immediate");
    await all([503, 200]);
    await cluster.start();
    await all([200, 200]);
    expect(runners.map(({ child }) => child.exitCode)).toEqual([null, null]);
  });

  it("end in order one after the other, and the other one is ready meanwhile", async () => {
    const [first, second] = runners as [Runner, Runner];
    first.child.kill("SIGTERM");
    expect(await first.ended).toEqual([0, null]);
    expect(await first.probes()).toEqual([0, 0]);
    expect(await second.probes()).toEqual([200, 200]);
    second.child.kill("SIGTERM");
    expect(await second.ended).toEqual([0, null]);
  });
});
