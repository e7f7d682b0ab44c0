import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** A stream's folder that can be taken away from it and given back. */
export interface Destination {
  readonly directory: string;
  broken(): boolean;
  /** Moves the folder aside and puts a file in its place: then nobody can write to it, not even root. */
  break(): void;
  /** Puts the folder back with all that is in it. */
  mend(): void;
}

const sign =
  "This file stands where a destination's folder was: the demo has broken it. Press b in the demo to mend it.\n";

/** Opens nothing. What an earlier process left broken is broken still. */
export function createDestination(directory: string): Destination {
  const aside = `${directory}.moved-away`;
  // A file of somebody else's is none of the demo's business.
  const inTheWay = (): boolean =>
    statSync(directory, { throwIfNoEntry: false })?.isFile() === true && readFileSync(directory, "utf8") === sign;
  return {
    directory,
    broken: () => existsSync(aside) || inTheWay(),
    break: () =>
      persistently(() => {
        if (inTheWay()) return;
        mkdirSync(directory, { recursive: true });
        moveInto(directory, aside);
        writeFileSync(directory, sign, { flag: "wx" });
      }),
    mend: () =>
      persistently(() => {
        if (inTheWay()) rmSync(directory);
        if (existsSync(aside)) moveInto(aside, directory);
      }),
  };
}

const tries = 20;
/** The sink is at work meanwhile: it may make the folder anew, and write to it, between any two steps. */
const interference = new Set(["EEXIST", "EISDIR", "ENOTDIR", "ENOTEMPTY", "ENOENT"]);

function persistently(work: () => void): void {
  for (let left = tries; ; left--) {
    try {
      work();
      return;
    } catch (error) {
      if (left === 0 || !interference.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
}

/** Moves a folder, or what is in it where the other one exists already. Names tell the content, so equal names are equal. */
function moveInto(from: string, to: string): void {
  if (!existsSync(to)) {
    renameSync(from, to);
    return;
  }
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) moveInto(source, target);
    else renameSync(source, target);
  }
  rmdirSync(from);
}
