/** What decides the bytes of an entry beside its event. */
export interface EntrySettings {
  readonly source: string;
  /** The text of `ddtags`. */
  readonly tags: string;
  /** Undefined where logs have none. */
  readonly hostname: string | undefined;
  readonly service: string;
}

/** The settings as they are frozen into a window: JSON with the members in this order. */
export function freezeEncoding({ source, tags, hostname, service }: EntrySettings): string {
  return JSON.stringify({ kind: "datadog", version: 1, source, tags, hostname, service });
}

/** Settings that were frozen, by this process or an earlier one; undefined for another kind of sink and a later version. */
export function thawEncoding(encoding: string): EntrySettings | undefined {
  let frozen: unknown;
  try {
    frozen = JSON.parse(encoding);
  } catch {
    return undefined;
  }
  if (typeof frozen !== "object" || frozen === null) return undefined;
  const { kind, version, source, tags, hostname, service } = frozen as Readonly<Record<string, unknown>>;
  if (kind !== "datadog" || version !== 1) return undefined;
  if (typeof source !== "string" || typeof tags !== "string" || typeof service !== "string") return undefined;
  if (hostname !== undefined && typeof hostname !== "string") return undefined;
  return { source, tags, hostname, service };
}
