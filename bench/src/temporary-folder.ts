import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that is removed with all that is in it. */
export interface TemporaryFolder extends Disposable {
  readonly path: string;
  /** It is in memory, so syncs cost nothing there. */
  readonly inMemory: boolean;
}

const tmpfs = 0x01021994;

export function temporaryFolder(parent: string = tmpdir()): TemporaryFolder {
  const path = mkdtempSync(join(parent, "headgate-bench-"));
  return {
    path,
    inMemory: process.platform === "linux" && statfsSync(path).type === tmpfs,
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
