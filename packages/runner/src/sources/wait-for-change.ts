import { type Clock, sleep } from "@headgate/core";
import { watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Waits for the next look at the file: the poll, or sooner where the system tells of a change. False when aborted. */
export async function waitForChange(
  path: string,
  { pollMs, clock, signal }: { readonly pollMs: number; readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<boolean> {
  const woken = new AbortController();
  const wake = (): void => woken.abort();
  let watcher: ReturnType<typeof watch> | undefined;
  try {
    watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) wake();
    });
    // A folder that cannot be watched is polled.
    watcher.on("error", () => {});
  } catch {}
  signal?.addEventListener("abort", wake, { once: true });
  try {
    if (signal?.aborted !== true) await sleep(clock, pollMs, woken.signal).catch(() => {});
  } finally {
    watcher?.close();
    signal?.removeEventListener("abort", wake);
  }
  return signal?.aborted !== true;
}
