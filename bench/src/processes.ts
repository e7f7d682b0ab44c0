import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Received, SinkMessage } from "./sink-server.ts";

/** What a process has used, told by itself as it exits. */
export interface ProcessUsage {
  /** All threads, user and system. */
  readonly cpuSeconds: number;
  /** Peak resident set in bytes. */
  readonly peakRss: number;
}

/** How a child process ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  /** The last of it. */
  readonly stderr: string;
  /** From its start to its end, by the clock on the wall. */
  readonly seconds: number;
  /** Undefined where it was killed. */
  readonly usage: ProcessUsage | undefined;
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const core = import.meta.resolve("@headgate/runner");
const fromSource = core.endsWith("/src/index.ts");

/** Whether the packages are run from their sources, or as built. */
export const packagesAre: "sources" | "built" = fromSource ? "sources" : "built";

const conditions = fromSource ? ["--conditions=@headgate/source"] : [];

/** The `headgate` command, as arguments for Node. @throws where it has not been built */
function headgateCommand(): string[] {
  const file = fileURLToPath(new URL(fromSource ? "./cli.ts" : "../bin/headgate.js", core));
  if (!existsSync(file)) throw new Error(`${file} is missing: build first, or run with --conditions=@headgate/source`);
  return [file];
}

/** Runs `headgate` to its end. */
export function runHeadgate(args: readonly string[], limits: ProcessLimits): Promise<Ended> {
  return runNode([...headgateCommand(), ...args], limits);
}

/** Runs one of the measurements that need a process of their own; what it resolves to comes back as JSON. */
export async function runJob<Result>(name: string, parameters: object, limits: ProcessLimits): Promise<Result> {
  const ended = await runNode([here("job.ts"), name, JSON.stringify(parameters)], limits);
  if (ended.code !== 0) throw new Error(`the measurement "${name}" failed:\n${ended.stderr}`);
  return JSON.parse(ended.stdout) as Result;
}

/** What bounds a child process. */
export interface ProcessLimits {
  readonly signal: AbortSignal;
  /** After so long it is killed, in seconds. */
  readonly timeoutSeconds: number;
  /** More arguments for Node. @default none */
  readonly nodeArgs?: readonly string[];
}

async function runNode(args: readonly string[], limits: ProcessLimits): Promise<Ended> {
  const { signal, timeoutSeconds, nodeArgs = [] } = limits;
  const began = performance.now();
  const child = spawn(process.execPath, [...conditions, "--import", usageReporter, ...nodeArgs, ...args], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]),
    killSignal: "SIGKILL",
  });
  const streams = child.stdio as unknown as readonly (NodeJS.ReadableStream | null)[];
  const [stdout, stderr, usage] = streams.slice(1).map((stream) => collected(stream));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const seconds = (performance.now() - began) / 1000;
  const told = usage?.() ?? "";
  return {
    code,
    seconds,
    stdout: stdout?.() ?? "",
    stderr: (stderr?.() ?? "").slice(-4000),
    usage: told === "" ? undefined : (JSON.parse(told) as ProcessUsage),
  };
}

const usageReporter = new URL("report-usage.ts", import.meta.url).href;

function collected(stream: NodeJS.ReadableStream | null | undefined): () => string {
  let text = "";
  stream?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  return () => text;
}

/** The discarding server, see `sink-server.ts`. */
export interface SinkServer extends AsyncDisposable {
  readonly endpoint: string;
  /** What came since the last call. */
  take(): Promise<Received>;
}

/** Starts the discarding server. */
export async function startSinkServer(): Promise<SinkServer> {
  const child = spawn(process.execPath, [here("sink-server.ts")], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const first = await nextMessage(child);
  if (!("port" in first)) throw new Error("the sink server did not tell its port");
  return {
    endpoint: `http://127.0.0.1:${first.port}`,
    async take() {
      const answer = nextMessage(child);
      child.send("take");
      const message = await answer;
      if (!("received" in message)) throw new Error("the sink server did not tell what it received");
      return message.received;
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      if (child.kill()) await ended;
    },
  };
}

function nextMessage(child: ChildProcess): Promise<SinkMessage> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error("the sink server ended"));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message as SinkMessage);
    });
  });
}
