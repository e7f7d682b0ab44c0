import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { between, seeded } from "./random.ts";

/** What the child is told. */
export interface IntakeRun {
  readonly kind: "splunk" | "splunk-logging" | "datadog" | "datadog-api-client";
  readonly url: string;
  readonly key: string;
  /** File of its store. */
  readonly path: string;
  readonly events: number;
  /** Events of one request, at most. */
  readonly requestEvents: number;
  readonly acknowledge: "auto" | "required" | "off";
}

/** Requests as the destination has taken them: the ids of each, in order. */
export type TakenRequests = () => readonly (readonly string[])[];

/** What a run came to. */
export interface IntakeResult {
  readonly kills: number;
  readonly lost: number;
  /** Requests that brought at least one event that was in already. */
  readonly repeatedRequests: number;
  readonly repeatedEvents: number;
  readonly requests: number;
}

const child = fileURLToPath(new URL("intake-child.ts", import.meta.url));

/**
 * Kills the platform with SIGKILL again and again while it streams to an intake, lets it come to its end, and counts ids
 * at the intake.
 */
export async function playIntake(
  settings: Pick<IntakeRun, "kind" | "url" | "key" | "acknowledge">,
  { kills, seed, taken }: { readonly kills: number; readonly seed: number; readonly taken: TakenRequests },
): Promise<IntakeResult> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-intake-"));
  const random = seeded(seed);
  const size = { events: 400 + kills * 250, requestEvents: 50 };
  const run: IntakeRun = { ...settings, ...size, path: join(folder.path, "headgate.db") };
  let killed = 0;
  while (killed < kills) {
    const platform = start(run, []);
    await platform.started;
    const before = taken().length;
    // Somewhere in mid-stream: after a few more requests, at no particular moment of one.
    const enough = before + between(random, 1, 4);
    for (let waited = 0; taken().length < enough && waited < 3000; waited += 5) await sleep(5);
    await sleep(between(random, 0, 20));
    await platform.kill();
    killed++;
  }
  const last = start(run, ["--to-end"]);
  const code = await last.ended;
  if (code !== 0) throw new Error(`the last run ended with ${code}: ${last.log()}`);
  return { kills: killed, ...count(taken(), run.events) };
}

function count(requests: readonly (readonly string[])[], events: number): Omit<IntakeResult, "kills"> {
  const seen = new Set<string>();
  let [repeatedRequests, repeatedEvents] = [0, 0];
  for (const ids of requests) {
    const again = ids.filter((id) => seen.has(id)).length;
    repeatedEvents += again;
    if (again > 0) repeatedRequests++;
    for (const id of ids) seen.add(id);
  }
  const wanted = Array.from({ length: events }, (_, i) => `e-${i}`);
  return {
    lost: wanted.filter((id) => !seen.has(id)).length,
    repeatedRequests,
    repeatedEvents,
    requests: requests.length,
  };
}

interface Platform {
  readonly started: Promise<unknown>;
  readonly ended: Promise<number | null>;
  log(): string;
  kill(): Promise<unknown>;
}

function start(run: IntakeRun, args: readonly string[]): Platform {
  const platform: ChildProcess = spawn(process.execPath, ["--conditions=@headgate/source", child, ...args], {
    env: { ...process.env, INTAKE_RUN: JSON.stringify(run) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  platform.stderr?.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = once(platform, "close").then(([code]) => code as number | null);
  const started = Promise.race([
    once(platform.stdout ?? platform, "data"),
    ended.then((code) => Promise.reject(new Error(`the platform ended with ${code}: ${log}`))),
  ]);
  // A platform that is killed on purpose has started long before; nobody waits for this any more.
  started.catch(() => {});
  return {
    started,
    ended,
    log: () => log.slice(-2000),
    async kill() {
      platform.kill("SIGKILL");
      return await ended;
    },
  };
}
