import { setTimeout as sleep } from "node:timers/promises";
import { headgate } from "./runner-process.ts";
import { radosgwAdmin, type Scenario, type ScenarioRun } from "./scenario.ts";

/** How large the runs are. */
export interface Size {
  readonly events: number;
  readonly kills: number;
  readonly organizations: number;
  readonly seed: number;
}

const role = "headgate-crash";
const permission = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: ["s3:PutObject"], Resource: ["arn:aws:s3:::audit-logs/*"] }],
});

/** A role of the tests' own, so that its permission can be taken away without disturbing others. */
function ownRole(): string {
  const trust = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { AWS: ["arn:aws:iam:::user/aud-platform"] }, Action: ["sts:AssumeRole"] },
    ],
  });
  try {
    radosgwAdmin(["role", "create", `--role-name=${role}`, "--path=/", `--assume-role-policy-doc=${trust}`]);
  } catch {
    // It is there from an earlier run.
  }
  grant();
  return `arn:aws:iam:::role/${role}`;
}

function grant(): void {
  radosgwAdmin(["role-policy", "put", `--role-name=${role}`, "--policy-name=write", `--policy-doc=${permission}`]);
}

function revoke(): void {
  radosgwAdmin(["role-policy", "delete", `--role-name=${role}`, "--policy-name=write"]);
}

async function states({ config, env }: ScenarioRun): Promise<string[]> {
  const status = headgate(["status", "-c", config, "--json"], env);
  // A runner may be killed before it has made its store.
  if ((await status.ended) !== 0 && status.log().includes("There is no store")) return [];
  if ((await status.ended) !== 0) throw new Error(`headgate status failed: ${status.log().slice(-500)}`);
  const { streams } = JSON.parse(status.output()) as { streams: { health: { state: string } }[] };
  return streams.map(({ health }) => health.state);
}

/** The crash runs that the promises are measured by. */
export function scenarios(size: Size): Scenario[] {
  const { seed } = size;
  return [
    { ...size, name: "killed at random moments", faults: { "lose-reply": 0.05 } },
    {
      ...size,
      name: "replies lost, connections reset, servers busy or hanging",
      seed: seed + 1,
      faults: { "lose-reply": 0.25, reset: 0.1, "slow-down": 0.15, hang: 0.02 },
    },
    { ...size, name: "sessions that run out", seed: seed + 2, faults: { expired: 0.1, "lose-reply": 0.05 } },
    { ...size, name: "two runners on one store", seed: seed + 3, runners: 2, faults: { "lose-reply": 0.1 } },
    {
      ...size,
      name: "three runners that die and sleep past their leases",
      seed: seed + 5,
      runners: 3,
      sleeps: true,
      faults: { "lose-reply": 0.1 },
    },
    {
      ...size,
      name: "permission taken away and given back",
      seed: seed + 4,
      roleArn: ownRole(),
      async meddle(round, run) {
        if (round !== 1) return;
        revoke();
        try {
          for (let tries = 0; ; tries++) {
            // Only a stream with something to deliver finds out.
            run.write(50);
            if ((await states(run)).includes("blocked")) break;
            if (tries > 20) throw new Error("no stream turned blocked after its permission was taken away");
            await sleep(300);
          }
        } finally {
          grant();
        }
      },
    },
  ];
}

/** The same on a PostgreSQL database of the run's own: runners that are killed and put to sleep, and its server killed too. */
export function postgresScenarios(size: Size): Scenario[] {
  const seed = size.seed + 10;
  const base = { ...size, store: "postgres" as const, runners: 2 };
  return [
    { ...base, name: "two runners on one database", seed, faults: { "lose-reply": 0.1 } },
    {
      ...base,
      name: "two runners on a database whose server dies",
      seed: seed + 1,
      faults: { "lose-reply": 0.05 },
      meddle: async (_round, { database }) => database?.crash(),
    },
    {
      ...base,
      name: "four runners that die and sleep past their leases, on a database whose server dies",
      seed: seed + 2,
      runners: 4,
      sleeps: true,
      faults: { "lose-reply": 0.1, reset: 0.05, "slow-down": 0.05, hang: 0.01 },
      meddle: async (round, { database }) => {
        if (round % 3 === 1) await database?.crash();
      },
    },
  ];
}
