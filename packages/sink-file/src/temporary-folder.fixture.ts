import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for one test, gone with it. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes a {@link TemporaryFolder}. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), "headgate-file-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Mounts a small file system over a folder until it is disposed of. Needs root on Linux: see {@link canMount}. */
export function mounted(path: string, options: string): Disposable {
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path], { stdio: "pipe" });
  return { [Symbol.dispose]: () => void execFileSync("umount", ["--lazy", path], { stdio: "pipe" }) };
}

/** Whether {@link mounted} works here. */
export async function canMount(): Promise<boolean> {
  await using folder = await temporaryFolder();
  try {
    using _ = mounted(folder.path, "size=64k");
    return true;
  } catch {
    return false;
  }
}
