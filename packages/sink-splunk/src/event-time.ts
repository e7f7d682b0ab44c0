/**
 * Writes an instant (Unix ms, whole) as seconds with exactly three decimals into `target` at `at`, and gives where it ends.
 * By digits, because dividing would round: 1752659550123 becomes `1752659550.123`, -1 becomes `-0.001`.
 */
export function writeEventTime(target: Uint8Array, at: number, ms: number): number {
  let end = at + eventTimeLength(ms);
  const next = end;
  let rest = Math.abs(ms);
  for (let decimals = 0; decimals < 3; decimals++) {
    target[--end] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  target[--end] = 0x2e;
  do {
    target[--end] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  } while (rest > 0);
  if (ms < 0) target[--end] = 0x2d;
  return next;
}

/** How many bytes {@link writeEventTime} writes. */
export function eventTimeLength(ms: number): number {
  let digits = 1;
  for (let rest = Math.abs(ms) / 10_000; rest >= 1; rest /= 10) digits++;
  return digits + 4 + (ms < 0 ? 1 : 0);
}
