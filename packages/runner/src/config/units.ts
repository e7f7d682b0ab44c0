/** Durations as files write them: a number and one unit. */
export const durationPattern = "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$";

/** Sizes as files write them: a number and one unit, decimal (`MB`) or binary (`MiB`). */
export const sizePattern = "^[0-9]+(\\.[0-9]+)?(B|kB|KB|MB|GB|KiB|MiB|GiB)$";

const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const bytes = {
  B: 1,
  kB: 1000,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
} as const;

function quantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text);
  const factor = parts === null || !Object.hasOwn(units, parts[2] as string) ? undefined : units[parts[2] as string];
  return factor === undefined ? undefined : Math.round(Number(parts?.[1]) * factor);
}

/** `30s`, `5m`, `1h`, `500ms`, `30d` as milliseconds, rounded; undefined where it is no duration. */
export function parseDuration(text: string): number | undefined {
  return quantity(text, milliseconds);
}

/** `64MiB`, `1MB`, `512KiB` as bytes, rounded; undefined where it is no size. */
export function parseSize(text: string): number | undefined {
  return quantity(text, bytes);
}
