import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const root = dirname(dirname(import.meta.dirname));
const cli = join(root, "packages", "runner", "src", "cli.ts");
const words = ["--conditions=@headgate/source", cli];

/** A runner at work, with what it takes to talk to it. */
export interface Runner extends AsyncDisposable {
  /** Where console and API are. */
  readonly url: string;
  /** What it has logged. */
  log(): string;
}

/** The command line, with nothing of AWS but what is given. */
export interface CommandLine {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

const environment = (env: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...process.env,
  AWS_EC2_METADATA_DISABLED: "true",
  NODE_COMPILE_CACHE: join(tmpdir(), "headgate-compile-cache"),
  ...env,
});

/** Runs a command to its end and gives what it printed. */
export async function headgate(args: readonly string[], { folder, env }: CommandLine): Promise<string> {
  const options = { cwd: folder, env: environment(env), maxBuffer: 64 * 1024 * 1024 };
  try {
    return (await promisify(execFile)(process.execPath, [...words, ...args], options)).stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`headgate ${args.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}

/** Starts a runner on a configuration and waits until it serves. */
export async function startRunner(config: object, { folder, env }: CommandLine): Promise<Runner> {
  await writeFile(join(folder, "headgate.yaml"), JSON.stringify({ ...config, log: { level: "info", format: "json" } }));
  const child = spawn(process.execPath, [...words, "run", "-c", "headgate.yaml"], {
    cwd: folder,
    env: environment(env),
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      const found = /"url":"([^"]+)"/.exec(log)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("close", (code) => reject(new Error(`the runner ended with ${code}:\n${log}`)));
  });
  return {
    url,
    log: () => log,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const closed = once(child, "close");
      child.kill("SIGTERM");
      await closed;
    },
  };
}
