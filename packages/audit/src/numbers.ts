const grouped = new Intl.NumberFormat("en-US");

/** `1,234,567`. */
export function countText(count: number): string {
  return grouped.format(count);
}

/** `1 event`, `2 events`. */
export function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `512 B`, `1.5 MB`: decimal units. */
export function bytesText(bytes: number): string {
  let value = bytes;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (value < 1000) return `${unit === "B" ? value : value.toFixed(1)} ${unit}`;
    value /= 1000;
  }
  return `${value.toFixed(1)} TB`;
}

/** `350 ms`, `12 s`, `5 min`, `3 h`, `2 d`: the largest unit that fits. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const units: readonly (readonly [string, number])[] = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1000],
  ];
  const [unit, size] = units.find(([, least]) => ms >= least) ?? ["s", 1000];
  return `${Math.floor(ms / size)} ${unit}`;
}
