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

/** What the objects of a digest's stream begin with where they are found, `year=` included. */
export function objectStart(digestKey: string, relation: string): string {
  const prefix = digestKey.slice(0, Math.max(0, digestKey.indexOf("_digests/")));
  return foundKey(`${prefix}year=`, relation) ?? "year=";
}

/** Whether a digest, were it readable, would be another stream's than the one that was chosen, if any was. */
export function isOfAnother(key: string, stream: string | undefined): boolean {
  const [, named = stream] = /(?:^|\/)_digests\/([^/]+)\/[^/]+\/\d+\.json$/.exec(key) ?? [];
  return stream !== undefined && named !== stream;
}

/** Whether a file is a digest by its name, or stands where only digests stand. */
export function isDigestKey(key: string): boolean {
  return /(^|\/)(_digests\/(.*\/)?[^./][^/]*|\d{10,})\.json$/.test(key);
}
