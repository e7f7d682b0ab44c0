/** How far an audit log has been read, as it is kept in the store. */
export interface PollCursor {
  readonly version: 1;
  /** Unix ms by the service's clock: whatever was there to read before this has been appended. Late records excepted. */
  readonly upTo: number;
}

/** Reads what a {@link PollCursor} was written as; undefined for anything else. */
export function parsePollCursor(text: string | undefined): PollCursor | undefined {
  if (text === undefined) return undefined;
  const cursor = JSON.parse(text) as PollCursor;
  return cursor.version === 1 && Number.isFinite(cursor.upTo) ? cursor : undefined;
}
