import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A running {@link file://./store-process.ts}. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Whole lines printed so far. */
  lines(): readonly string[];
  /** Resolves once so many lines were printed, or it has ended. */
  printed(lines: number): Promise<void>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** Waits for its own end; rejects where it ended with an error. */
  ended(): Promise<void>;
}

/** Starts the process. */
export function startChild(...args: readonly string[]): Child {
  const script = fileURLToPath(new URL("./store-process.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@headgate/source", script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const closed = once(child, "close");
  const lines = (): readonly string[] =>
    output
      .slice(0, output.lastIndexOf("\n") + 1)
      .split("\n")
      .slice(0, -1);
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await closed;
  };
  return {
    pid: child.pid ?? 0,
    lines,
    async printed(wanted) {
      while (lines().length < wanted && child.exitCode === null && child.signalCode === null) {
        await Promise.race([once(child.stdout, "data"), closed]);
      }
    },
    kill,
    async ended() {
      await closed;
      if (child.exitCode !== 0) throw new Error(`the child ended with ${child.exitCode ?? child.signalCode}`);
    },
    [Symbol.asyncDispose]: kill,
  };
}
