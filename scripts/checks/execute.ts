import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "./root.ts";

const running = new Set<ChildProcess>();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
    process.kill(process.pid, signal);
  });
}

/** Runs a program of the workspace to its end. Its two streams come back as one text. */
export async function execute(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly output: string }> {
  const bin = join(root, "node_modules", ".bin");
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}`, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let output = "";
  const collect = (chunk: string): void => void (output += chunk);
  child.stdout.setEncoding("utf8").on("data", collect);
  child.stderr.setEncoding("utf8").on("data", collect);
  const code = await new Promise<number>((resolve) => {
    child.on("error", (error) => {
      output += `${program} cannot be started: ${error.message}\n`;
      resolve(127);
    });
    child.on("close", (status, signal) => {
      if (signal !== null) output += `${program} was ended by ${signal}.\n`;
      resolve(status ?? 1);
    });
  });
  running.delete(child);
  return { code, output: stripVTControlCharacters(output) };
}
