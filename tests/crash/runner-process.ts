import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../../packages/runner/src/cli.ts", import.meta.url));

/** A `headgate` process. */
export interface RunnerProcess {
  readonly pid: number;
  /** What it has written to standard error so far. */
  log(): string;
  output(): string;
  kill(signal: NodeJS.Signals): Promise<number | null>;
  send(signal: NodeJS.Signals): void;
  /** Resolves to the exit code. */
  readonly ended: Promise<number | null>;
}

/** Starts the command from its sources, as a user would start the built one. */
export function headgate(args: readonly string[], env: NodeJS.ProcessEnv): RunnerProcess {
  const child = spawn(process.execPath, ["--conditions=@headgate/source", cli, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = once(child, "close").then(([code]) => code as number | null);
  return {
    pid: child.pid as number,
    log: () => log,
    output: () => output,
    ended,
    send: (signal) => void child.kill(signal),
    async kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}
