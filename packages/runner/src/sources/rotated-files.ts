import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type FileCursor, type Reached, resumed } from "./file-cursor.ts";
import { type OpenFile, openFile } from "./open-file.ts";

/** Behind the name of a file that is rotated: `.1`, `.2.gz`, `-20250716`, `.2025-07-16T09:00`. */
const suffix = /^[-._]\d[\dTZ:._-]*(?:\.gz)?$/;

interface Sibling {
  readonly path: string;
  readonly suffix: string;
  readonly inode: number;
  /** Last written to, ns. */
  readonly written: bigint;
}

/** A file beside the path that the cursor speaks of: by its inode under any name, or by its content under a rotated one. */
export async function findEarlier(
  path: string,
  cursor: FileCursor,
): Promise<{ readonly file: OpenFile; readonly reached: Reached } | undefined> {
  const siblings = await siblingsOf(path);
  const same = siblings.filter(({ inode }) => inode === cursor.inode);
  const copies = siblings.filter((sibling) => !same.includes(sibling) && suffix.test(sibling.suffix));
  for (const sibling of [...same, ...copies]) {
    const file = await openFile(sibling.path).catch(() => undefined);
    if (file === undefined) continue;
    const reached = await resumed(file, cursor).catch(() => undefined);
    if (reached !== undefined) return { file, reached };
    await file[Symbol.asyncDispose]();
  }
  return undefined;
}

/** Paths of the rotated files that were written after `earlier` and before the one that stands at the path, in this order. */
export async function rotatedBetween(path: string, earlier: OpenFile, standing: OpenFile): Promise<readonly string[]> {
  const { mtimeNs } = await earlier.handle.stat({ bigint: true });
  const siblings = await siblingsOf(path);
  const same = siblings.find(({ inode }) => inode === earlier.inode);
  const before = { suffix: same?.suffix ?? "", written: mtimeNs };
  const names = new Set(siblings.map((sibling) => sibling.path));
  return siblings
    .filter(
      (sibling) =>
        suffix.test(sibling.suffix) &&
        ![earlier.inode, standing.inode].includes(sibling.inode) &&
        // While a file is being compressed, both are there.
        !(sibling.path.endsWith(".gz") && names.has(sibling.path.slice(0, -3))) &&
        inOrder(before, sibling) < 0,
    )
    .sort(inOrder)
    .map((sibling) => sibling.path);
}

/** The other files of the folder. The suffix is what stands behind the path's own name, empty where it is another name. */
async function siblingsOf(path: string): Promise<readonly Sibling[]> {
  const own = basename(path);
  const found: Sibling[] = [];
  for (const name of await readdir(dirname(path)).catch(() => [])) {
    if (name === own) continue;
    const sibling = join(dirname(path), name);
    const stats = await stat(sibling, { bigint: true }).catch(() => undefined);
    if (stats?.isFile() !== true) continue;
    found.push({
      path: sibling,
      suffix: name.startsWith(own) ? name.slice(own.length) : "",
      inode: Number(stats.ino),
      written: stats.mtimeNs,
    });
  }
  return found;
}

/** Negative where `a` was written before `b`. Where the times are the same, names tell: `.2` is older than `.1`, dates ascend. */
function inOrder(a: Pick<Sibling, "suffix" | "written">, b: Pick<Sibling, "suffix" | "written">): number {
  if (a.written !== b.written) return a.written < b.written ? -1 : 1;
  const [first, second] = [a, b].map((one) => /^\D(\d{1,5})(?:\.gz)?$/.exec(one.suffix)?.[1]);
  if (first !== undefined && second !== undefined) return Number(second) - Number(first);
  return a.suffix === "" || a.suffix >= b.suffix ? 1 : -1;
}
