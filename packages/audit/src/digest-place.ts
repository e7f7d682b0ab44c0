/** How a digest's key, as it says it, and the key that it was found under differ: all of a chain must differ alike. */
export type Relation = `+${string}` | `-${string}`;

/** What one has in front of the other; undefined where neither ends as the other, and so one of them is wrong. */
export function relationOf(claimed: string, found: string): Relation | undefined {
  if (found.endsWith(claimed)) return `+${found.slice(0, found.length - claimed.length)}`;
  if (claimed.endsWith(found)) return `-${claimed.slice(0, claimed.length - found.length)}`;
  return undefined;
}

/** Where something must be found that is stored under `key`; undefined where it is outside of what is looked at. */
export function foundKey(key: string, relation: string): string | undefined {
  const part = relation.slice(1);
  if (relation.startsWith("+")) return part + key;
  return key.startsWith(part) ? key.slice(part.length) : undefined;
}

/** Whether a file is a digest by its name, or stands where only digests stand. */
export function isDigestKey(key: string): boolean {
  return /(^|\/)(_digests\/(.*\/)?[^./][^/]*|\d{10,})\.json$/.test(key);
}
