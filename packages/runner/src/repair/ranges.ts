/** Sequences, both ends included. */
export type Range = readonly [first: number, last: number];

/** Ranges in order, those that overlap or follow one another made one. */
export function normalized(ranges: readonly Range[]): readonly Range[] {
  const joined: [number, number][] = [];
  for (const [first, last] of ranges.toSorted(([a], [b]) => a - b)) {
    const before = joined.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

/** How many sequences normalized ranges hold. */
export function sizeOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** What normalized ranges have in common. */
export function within(ranges: readonly Range[], others: readonly Range[]): readonly Range[] {
  const common: Range[] = [];
  let at = 0;
  for (const [first, last] of others) {
    if (at === 0) at = firstFrom(ranges, first);
    while (at < ranges.length && (ranges[at] as Range)[1] < first) at++;
    for (let i = at; i < ranges.length && (ranges[i] as Range)[0] <= last; i++) {
      const [from, to] = ranges[i] as Range;
      common.push([Math.max(from, first), Math.min(to, last)]);
    }
  }
  return common;
}

/** Normalized ranges without what is in others. */
export function without(ranges: readonly Range[], others: readonly Range[]): readonly Range[] {
  const left: Range[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    let next = from;
    while (at < others.length && (others[at] as Range)[1] < from) at++;
    for (let i = at; i < others.length && (others[i] as Range)[0] <= to; i++) {
      const [first, last] = others[i] as Range;
      if (first > next) left.push([next, first - 1]);
      next = Math.max(next, last + 1);
    }
    if (next <= to) left.push([next, to]);
  }
  return left;
}

/** Normalized ranges, the nearest ones joined until there are no more than `most`: they cover what lies between them too. */
export function gathered(ranges: readonly Range[], most: number): readonly Range[] {
  if (ranges.length <= most) return ranges;
  const gaps = ranges.slice(1).map(([first], i) => [first - (ranges[i] as Range)[1], i + 1] as const);
  const kept = new Set(
    gaps
      .toSorted(([a], [b]) => b - a)
      .slice(0, most - 1)
      .map(([, i]) => i),
  );
  const joined: [number, number][] = [];
  for (const [i, [first, last]] of ranges.entries()) {
    const before = joined.at(-1);
    if (before === undefined || kept.has(i)) joined.push([first, last]);
    else before[1] = last;
  }
  return joined;
}

/** Index of the first range that ends at or after a sequence. */
function firstFrom(ranges: readonly Range[], sequence: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle] as Range)[1] < sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}
