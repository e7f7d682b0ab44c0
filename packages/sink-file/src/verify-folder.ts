import { rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { VerificationStep } from "@headgate/core";
import { incompletePath, makeFolder, syncFolder, writeAndSync } from "./durable-folder.ts";
import { failureOf } from "./failure.ts";

interface Step {
  readonly name: string;
  /** Does it and says what was done. */
  readonly run: () => Promise<string>;
}

/**
 * Tries, step by step, what a delivery does in a folder: make it, write and sync a file, rename it. The file is removed
 * again. After a step that failed the others are skipped.
 */
export async function* verifyFolder(directory: string, signal: AbortSignal): AsyncIterable<VerificationStep> {
  const incomplete = incompletePath(directory);
  // Readers skip the name, should the process end before it is removed.
  const renamed = join(directory, `_verify-${basename(incomplete)}`);
  const steps: readonly Step[] = [
    {
      name: "folder",
      async run() {
        await makeFolder(directory, dirname(incomplete));
        await stat(directory);
        return `${directory} is there.`;
      },
    },
    {
      name: "write",
      async run() {
        await writeAndSync(incomplete, Buffer.from("{}\n"), signal);
        return "A file was written and synced to the disk.";
      },
    },
    {
      name: "rename",
      async run() {
        await rename(incomplete, renamed);
        await syncFolder(directory);
        return "The file was renamed, and the folder synced.";
      },
    },
    {
      name: "remove",
      async run() {
        await rm(renamed);
        return "The file was removed.";
      },
    },
  ];
  let failed: string | undefined;
  try {
    for (const { name, run } of steps) {
      signal.throwIfAborted();
      if (failed !== undefined) {
        yield { name, status: "skipped", detail: `Not tried, because the step "${failed}" failed.` };
        continue;
      }
      const step = await take(name, run, directory, signal);
      if (step.status === "failed") failed = name;
      yield step;
    }
  } finally {
    for (const path of [incomplete, renamed]) await rm(path, { force: true }).catch(() => {});
  }
}

async function take(name: string, run: Step["run"], directory: string, signal: AbortSignal): Promise<VerificationStep> {
  try {
    return { name, status: "ok", detail: await run() };
  } catch (error) {
    signal.throwIfAborted();
    const failure = failureOf(error, directory)?.error;
    if (failure === undefined) throw error;
    return { name, status: "failed", detail: failure.message, fix: failure.hint ?? "" };
  }
}
