import { createHash, randomBytes } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** Where files are while they are being written. Readers skip names that begin with `_`. */
export const incompleteFolder = "_incomplete";

/** A file that nobody has written to for so long, in ms, is not being written any more. */
const leftoverAgeMs = 3_600_000;

/** Who writes a file, as its name says it. */
export interface Writer {
  /** A short hash of the machine's name. */
  readonly host: string;
  readonly pid: number;
  /** Random, for each process: process ids come again, in a container nearly always. */
  readonly token: string;
}

/** This process. */
export const thisWriter: Writer = {
  host: createHash("sha256").update(hostname()).digest("hex").slice(0, 8),
  pid: process.pid,
  token: randomBytes(6).toString("hex"),
};

const pattern = /^headgate-(?<host>[0-9a-f]{8})-(?<pid>\d{1,10})-(?<token>[0-9a-f]{12})-\d+\.tmp$/;

/** Name of the `count`th file that a process writes. */
export function incompleteName({ host, pid, token }: Writer, count: number): string {
  return `headgate-${host}-${pid}-${token}-${count}.tmp`;
}

/**
 * Removes what processes that were killed have left in the folder: files named by {@link incompleteName}, untouched for
 * an hour (`now` is Unix ms), of a process that is not alive as far as this machine can tell. Nothing else is touched.
 * Resolves to the number of files removed; a folder that is not there holds none.
 */
export async function removeLeftovers(directory: string, now: number, self: Writer = thisWriter): Promise<number> {
  const folder = join(directory, incompleteFolder);
  let removed = 0;
  for (const name of await namesIn(folder)) {
    const match = pattern.exec(name)?.groups;
    if (match === undefined) continue;
    const writer = { host: match["host"] ?? "", pid: Number(match["pid"]), token: match["token"] ?? "" };
    if (isAlive(writer, self) || (await isYoung(join(folder, name), now))) continue;
    await rm(join(folder, name), { force: true });
    removed++;
  }
  return removed;
}

/** Another machine's processes cannot be asked: for them the age alone counts. */
function isAlive(writer: Writer, self: Writer): boolean {
  if (writer.token === self.token) return true;
  if (writer.host !== self.host || writer.pid === self.pid) return false;
  try {
    process.kill(writer.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

async function isYoung(path: string, now: number): Promise<boolean> {
  try {
    return now - (await stat(path)).mtimeMs < leftoverAgeMs;
  } catch {
    // Whoever it belonged to has finished it.
    return true;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
