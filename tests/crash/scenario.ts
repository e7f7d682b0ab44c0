import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { digestSigner } from "@headgate/core";
import { emptyPrefix, readBucket, s3Server } from "./bucket.ts";
import { faultProxy, type ProxyFault } from "./fault-proxy.ts";
import { type Cluster, startCluster } from "../database/cluster.ts";
import { between, seeded } from "./random.ts";
import { headgate, type RunnerProcess } from "./runner-process.ts";
import { type Workload, workload } from "./workload.ts";

/** How a crash run goes. */
export interface Scenario {
  readonly name: string;
  readonly seed: number;
  readonly organizations: number;
  readonly events: number;
  /** How often the runner is killed. */
  readonly kills: number;
  /** Share of PUTs that go wrong, by fault. */
  readonly faults?: Partial<Record<ProxyFault, number>>;
  /** @default "sqlite" */
  readonly store?: "sqlite" | "postgres";
  /** So many on one store all the time. @default 1 */
  readonly runners?: number;
  /** Before each kill one of them is stopped for longer than its leases last, and woken up: it must find that it has lost them. */
  readonly sleeps?: boolean;
  /** Called in mid run, between two kills. */
  readonly meddle?: (round: number, run: ScenarioRun) => Promise<void>;
  readonly roleArn?: string;
}

/** What `meddle` may look at. */
export interface ScenarioRun {
  readonly config: string;
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  /** The server of a postgres store. */
  readonly database?: Cluster;
  /** Has that many more events come in. */
  write(events: number): void;
}

/** What a run came to. */
export interface ScenarioResult {
  readonly kills: number;
  readonly events: number;
  readonly objects: number;
  readonly faults: Readonly<Record<ProxyFault, number>>;
  /** Restarts of runners that ended by themselves, which none should. */
  readonly surprises: readonly string[];
}

/**
 * Runs `headgate run` as a real process against the real S3 server, kills it with SIGKILL at random moments while events
 * come in, lets it finish, and counts every id in the bucket. Throws on the first thing that is wrong.
 */
export async function play(scenario: Scenario, say: (line: string) => void = () => {}): Promise<ScenarioResult> {
  const random = seeded(scenario.seed);
  const server = s3Server();
  const folder = mkdtempSync(join(tmpdir(), "headgate-crash-"));
  const prefix = `crash-${scenario.seed}-${Date.now()}/`;
  await using proxy = await faultProxy(server.endpoint);
  await using database = scenario.store === "postgres" ? await startCluster() : undefined;
  const work = workload(join(folder, "in"), scenario.organizations, random);
  work.write(Math.ceil(scenario.events / 20));
  for (const organization of work.organizations)
    writeFileSync(join(work.folder, `${organization}.ndjson`), "", { flag: "a" });
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(join(folder, "digests.pem"), pem);
  const published = join(folder, "digest-keys.json");
  writeFileSync(published, JSON.stringify(digestSigner({ key: pem }).published));
  const config = join(folder, "headgate.json");
  writeFileSync(
    config,
    JSON.stringify(configuration(work, storeConfig(folder, database), prefix, proxy.endpoint, scenario)),
  );
  const env: NodeJS.ProcessEnv = {
    AWS_ACCESS_KEY_ID: process.env["RGW_AUD_ACCESS_KEY_ID"],
    AWS_SECRET_ACCESS_KEY: process.env["RGW_AUD_SECRET_ACCESS_KEY"],
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const write = (events: number): void => work.write(events);
  const run: ScenarioRun = { config, env, folder, write, ...(database && { database }) };
  proxy.decide = () => {
    let coin = random();
    for (const [fault, share] of Object.entries(scenario.faults ?? {})) {
      coin -= share;
      if (coin < 0) return fault as ProxyFault;
    }
    return "pass";
  };

  const surprises: string[] = [];
  let runners: RunnerProcess[] = [];
  const launch = (): void => {
    while (runners.length < (scenario.runners ?? 1)) runners.push(headgate(["run", "-c", config], env));
  };
  try {
    const perRound = Math.ceil(scenario.events / (scenario.kills + 1));
    for (let round = 0; round < scenario.kills; round++) {
      launch();
      work.write(perRound);
      await sleep(between(random, 700, 2600));
      if (scenario.sleeps === true) {
        const sleeper = runners[between(random, 0, runners.length - 1)] as RunnerProcess;
        sleeper.send("SIGSTOP");
        await sleep(between(random, 3500, 6000));
        sleeper.send("SIGCONT");
        await sleep(between(random, 0, 500));
      }
      await scenario.meddle?.(round, run);
      const victim = runners.splice(between(random, 0, runners.length - 1), 1)[0] as RunnerProcess;
      const code = await victim.kill("SIGKILL");
      if (code !== null) surprises.push(`round ${round}: ended by itself with ${code}: ${victim.log().slice(-600)}`);
      say(`${scenario.name}: kill ${round + 1} of ${scenario.kills}`);
    }
    work.write(Math.max(0, scenario.events - [...work.written.values()].reduce((sum, ids) => sum + ids.size, 0)));
    await Promise.all(runners.map((runner) => runner.kill("SIGTERM")));
    runners = [];
    proxy.decide = () => "pass";
    const last = headgate(["run", "-c", config, "--once"], env);
    runners.push(last);
    const code = await last.ended;
    runners = [];
    if (code !== 0) throw new Error(`run --once ended with ${code}: ${last.log().slice(-2000)}`);
    const objects = await verify(work, prefix, env, published);
    await emptyPrefix(server, prefix);
    rmSync(folder, { recursive: true });
    const events = [...work.written.values()].reduce((sum, ids) => sum + ids.size, 0);
    return { kills: scenario.kills, events, objects, faults: proxy.played, surprises };
  } catch (error) {
    throw new Error(
      `${scenario.name} (seed ${scenario.seed}), files kept in ${folder}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  } finally {
    await Promise.all(runners.map((runner) => runner.kill("SIGKILL")));
  }
}

function storeConfig(folder: string, database: Cluster | undefined): unknown {
  if (database === undefined) return { kind: "sqlite", path: join(folder, "headgate.db") };
  return { kind: "postgres", url: database.url() };
}

function configuration(work: Workload, store: unknown, prefix: string, endpoint: string, scenario: Scenario): unknown {
  const server = s3Server();
  return {
    store,
    sources: work.organizations.map((organization) => ({
      kind: "file",
      path: join(work.folder, `${organization}.ndjson`),
      organization,
      follow: true,
    })),
    streams: work.organizations.map((organization) => ({
      id: `${organization}-s3`,
      organization,
      sink: "s3",
      options: {
        bucket: server.bucket,
        prefix: `${prefix}${organization}/`,
        region: "us-east-1",
        endpoint,
        force_path_style: true,
        credentials: {
          assume_role: {
            role_arn: scenario.roleArn ?? process.env["RGW_ROLE_ARN"],
            external_id: `external-${organization}`,
          },
        },
      },
      flush: { max_age: "300ms", max_events: 2000 },
      // The server has one role, whoever the organization is.
      shared_role: true,
      allow_insecure_endpoint: true,
    })),
    // Health events would come among the events that are counted.
    alerts: { audit_log: false },
    digests: { key: "${file:digests.pem}", every: "1s" },
    delivery: { retry_base: "100ms", retry_cap: "1s", blocked_probe: "500ms", lease_ttl: "3s" },
  };
}

/** Every id exactly once, sequences gapless, and the product's own audit of the same mind: one chain of digests, which vouches for all of it. */
async function verify(work: Workload, prefix: string, env: NodeJS.ProcessEnv, keys: string): Promise<number> {
  const server = s3Server();
  const objects = new Set<string>();
  for (const organization of work.organizations) {
    const stored = await readBucket(server, `${prefix}${organization}/`);
    for (const { key } of stored) objects.add(key);
    const wanted = work.written.get(organization) ?? new Set();
    const ids = new Set(stored.map(({ id }) => id));
    if (stored.length !== ids.size)
      throw new Error(`${organization}: ${stored.length - ids.size} events are stored twice`);
    const missing = [...wanted].filter((id) => !ids.has(id));
    if (missing.length > 0 || ids.size !== wanted.size)
      throw new Error(`${organization}: ${missing.length} of ${wanted.size} events are missing, ${ids.size} stored`);
    const sequences = stored.map(({ sequence }) => sequence).sort((a, b) => a - b);
    if (sequences.some((sequence, i) => sequence !== i + 1))
      throw new Error(`${organization}: the sequences are not 1 to ${sequences.length}`);
  }
  const audit = headgate(
    [
      "audit",
      `s3://${server.bucket}/${prefix}`,
      "--json",
      "--endpoint",
      server.endpoint,
      "--region",
      "us-east-1",
      "--force-path-style",
      "--keys",
      keys,
    ],
    {
      ...env,
      AWS_ACCESS_KEY_ID: process.env["RGW_ADMIN_ACCESS_KEY_ID"],
      AWS_SECRET_ACCESS_KEY: process.env["RGW_ADMIN_SECRET_ACCESS_KEY"],
    },
  );
  const code = await audit.ended;
  if (code !== 0)
    throw new Error(`headgate audit ended with ${code}: ${audit.output().slice(0, 1000)} ${audit.log().slice(-1000)}`);
  const report = JSON.parse(audit.output()) as { complete: boolean; proven: boolean; events: number };
  const total = [...work.written.values()].reduce((sum, ids) => sum + ids.size, 0);
  if (!report.proven) throw new Error(`headgate audit proves nothing: ${audit.output().slice(0, 1000)}`);
  if (!report.complete || report.events !== total)
    throw new Error(`headgate audit counts ${report.events} of ${total} events`);
  return objects.size;
}

/** Runs an administrator's command of the S3 server, to take a role's permission away and give it back. */
export function radosgwAdmin(args: readonly string[]): string {
  const conf = process.env["RGW_CEPH_CONF"];
  if (conf === undefined) throw new Error("RGW_CEPH_CONF is not set: start the S3 server first");
  return execFileSync("radosgw-admin", ["-c", conf, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}
