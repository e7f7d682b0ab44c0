import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** How a command is started. */
export interface HeadgateOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to its standard input, which is then closed. */
  readonly input?: string;
  /** Runs it as another user. */
  readonly uid?: number;
  /** Words in front of it, e.g. `unshare -rm`. */
  readonly before?: readonly string[];
}

/** What a command did. */
export interface HeadgateResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command at work. */
export interface HeadgateProcess extends AsyncDisposable {
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves once the text is on standard error; rejects when the command ends without it. */
  said(text: string): Promise<void>;
  readonly ended: Promise<HeadgateResult>;
}

const cli = fileURLToPath(new URL("../cli.ts", import.meta.url));

/** Starts `headgate` from its sources, as a real process. */
export function startHeadgate(
  args: readonly string[],
  { cwd, env, input, uid, before = [] }: HeadgateOptions,
): HeadgateProcess {
  const words = [...before, process.execPath, "--conditions=@headgate/source", cli, ...args];
  const child = spawn(words[0] as string, words.slice(1), {
    cwd,
    // Compiling the AWS SDK takes longer than most commands.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "headgate-compile-cache"), ...env },
    ...(uid !== undefined && { uid, gid: uid }),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return {
    stderr: () => stderr,
    kill: (signal) => void child.kill(signal),
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!stderr.includes(text)) return;
          child.stderr.off("data", look);
          resolve();
        };
        child.stderr.on("data", look);
        look();
        void ended.then(({ code }) => reject(new Error(`ended with ${code} before it said "${text}":\n${stderr}`)));
      }),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs `headgate` to its end. */
export function headgate(args: readonly string[], options: HeadgateOptions): Promise<HeadgateResult> {
  return startHeadgate(args, options).ended;
}
