import type { Compression } from "@headgate/core";

/** What an object's key says of it. */
export interface ObjectKey {
  /** Start of the UTC hour in the folders, Unix ms. */
  readonly hour: number;
  /** The second in the name, Unix ms. */
  readonly time: number;
  /** Hex SHA-1 in the name: an identity, not a defence. */
  readonly sha1: string;
  readonly compression: Compression;
}

const layout = /(?:^|\/)year=(\d{4})\/month=(\d{2})\/day=(\d{2})\/hour=(\d{2})\/([^/]+)$/;
const name = /^(\d{4})-?(\d{2})-?(\d{2})T(\d{2}):?(\d{2}):?(\d{2})Z?_([0-9a-f]{40})(|\.json\.gz|\.json\.zst)$/;
const compressions: Readonly<Record<string, Compression>> = { "": "none", ".json.gz": "gzip", ".json.zst": "zstd" };

/** What stands in front of the layout's folders: a stream's prefix, where the bucket has several. */
export function rootOf(key: string): string {
  return key.slice(0, Math.max(0, key.search(/(?<=^|\/)year=/)));
}

/** Reads a key of the default layout, or of the one without colons; undefined where it follows neither. */
export function parseObjectKey(key: string): ObjectKey | undefined {
  const folders = layout.exec(key);
  const file = name.exec(folders?.[5] ?? "");
  if (folders === null || file === null) return undefined;
  const hour = utc(`${folders[1]}-${folders[2]}-${folders[3]}T${folders[4]}:00:00`);
  const time = utc(`${file[1]}-${file[2]}-${file[3]}T${file[4]}:${file[5]}:${file[6]}`);
  if (hour === undefined || time === undefined) return undefined;
  return { hour, time, sha1: file[7] as string, compression: compressions[file[8] as string] ?? "none" };
}

/** How an object is compressed, by the end of its name alone. */
export function compressionOf(key: string): Compression {
  return key.endsWith(".gz") ? "gzip" : key.endsWith(".zst") ? "zstd" : "none";
}

/** Whether a key, taken from where the audit starts, is none of the events': names with `_` or `.` in front are digests, tests, unfinished files. */
export function isAside(key: string): boolean {
  return /(^|\/)[_.]/.test(key);
}

/** Whether a key is in folders of the layout, and so claims to be an object of events; other files are somebody else's. */
export function isPlaced(key: string): boolean {
  return /(^|\/)year=/.test(key);
}

function utc(text: string): number | undefined {
  const instant = Date.parse(`${text}.000Z`);
  // Date.parse takes 24:00:00 and rolls some dates over: a round trip tells.
  return Number.isNaN(instant) || new Date(instant).toISOString().slice(0, 19) !== text ? undefined : instant;
}
