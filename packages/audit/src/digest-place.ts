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

const digestName = /^(?:.*\/)?(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)Z?_(\d{10,})\.json$/;

/** What a digest's name says. */
export interface DigestName {
  /** What is in front of `year=`: the chain's folder. */
  readonly folder: string;
  /** Unix ms, to the second. */
  readonly to: number;
  readonly number: number;
}

/** Reads a digest's key; undefined where it is not named as one. */
export function parseDigestKey(key: string): DigestName | undefined {
  const parts = digestName.exec(key);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7);
  const to = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(to)) return undefined;
  return { folder: key.slice(0, Math.max(0, key.search(/(?<=^|\/)year=/))), to, number: Number(parts[7]) };
}

/** Whether a file is a digest, or stands where only digests stand. */
export function isDigestKey(key: string): boolean {
  return /(^|\/)_digests\/(.*\/)?[^./][^/]*\.json$/.test(key) || parseDigestKey(key) !== undefined;
}
