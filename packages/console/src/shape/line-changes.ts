/** A line of two texts: in both, only in the first, or only in the second; `skipped` stands for lines in both that are not shown. */
export interface LineChange {
  readonly kind: "both" | "gone" | "come" | "skipped";
  readonly text: string;
}

/** How far ahead a line is looked for; texts that differ by more stand one below the other. */
const lookahead = 400;

/** Two JSON texts over several lines as one: what goes, what comes, and so many lines around it. */
export function lineChanges(before: readonly string[], after: readonly string[], around: number): LineChange[] {
  const all = merged(before, after);
  const near = new Set(
    all.flatMap(({ kind }, i) =>
      kind === "both" ? [] : Array.from({ length: 2 * around + 1 }, (_, offset) => i - around + offset),
    ),
  );
  return all.flatMap((line, i) => {
    if (near.has(i)) return [line];
    // One mark for a whole stretch.
    return i === 0 || near.has(i - 1) ? [{ kind: "skipped" as const, text: "⋯" }] : [];
  });
}

function merged(before: readonly string[], after: readonly string[]): LineChange[] {
  const found: LineChange[] = [];
  const take = (kind: LineChange["kind"], lines: readonly string[]): void => {
    for (const text of lines) found.push({ kind, text });
  };
  let [i, j] = [0, 0];
  while (i < before.length && j < after.length) {
    if (same(before[i], after[j])) {
      take("both", [after[j++] ?? ""]);
      i++;
      continue;
    }
    const goes = distance(before, i, after[j]);
    const comes = distance(after, j, before[i]);
    // Neither line comes again: one has taken the other's place.
    const replaced = Math.min(goes, comes) === Number.POSITIVE_INFINITY;
    const [out, come] = replaced ? [1, 1] : goes <= comes ? [goes, 0] : [0, comes];
    take("gone", before.slice(i, i + out));
    take("come", after.slice(j, j + come));
    i += out;
    j += come;
  }
  take("gone", before.slice(i));
  take("come", after.slice(j));
  return found;
}

function distance(lines: readonly string[], from: number, wanted: string | undefined): number {
  const at = lines.slice(from, from + lookahead).findIndex((line) => same(line, wanted));
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

/** Whether a comma ends a line depends on the next one alone. */
function same(a: string | undefined, b: string | undefined): boolean {
  return a?.replace(/,$/, "") === b?.replace(/,$/, "");
}
