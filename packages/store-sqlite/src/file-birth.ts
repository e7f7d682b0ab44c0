import { chmodSync, statSync } from "node:fs";

/** Longer than the tick by which file systems round their times. */
const tickMs = 20;

/**
 * When a file came into being, in words that a copy of it does not share, or undefined where the system does not tell.
 * Writing, renaming and linking leave it as it is; so does whatever puts a whole disk back.
 */
export function fileBirth(path: string): string | undefined {
  try {
    const { birthtimeNs, ctimeNs, ino, mode } = statSync(path, { bigint: true });
    if (birthtimeNs <= 0n) return undefined;
    if (birthtimeNs === ctimeNs) {
      // Where statx(2) is forbidden, Node passes off the last change as the birth. Changing the file tells.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, tickMs);
      chmodSync(path, Number(mode & 0o7777n));
      if (statSync(path, { bigint: true }).birthtimeNs !== birthtimeNs) return undefined;
    }
    // Copying tools of other systems can keep the time, but not the number. On Linux none can, and some
    // file systems in user space number their files anew at each mount.
    return process.platform === "linux" ? String(birthtimeNs) : `${birthtimeNs} ${ino}`;
  } catch {
    return undefined;
  }
}
