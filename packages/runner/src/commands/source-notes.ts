import type { IncompleteLine, SourceSummary } from "../sources/index.ts";
import { countText, plural } from "../terminal/numbers.ts";

/** What a person reads about a last line that was left unread, and what to do about it. */
export function incompleteText(source: string, { line, bytes }: IncompleteLine): string {
  return `1 line without an end was left: ${source} line ${countText(line)} (${plural(bytes, "byte")}). It may still be being written: end the line and run again.`;
}

/** What a person reads where nothing of a source became an event; undefined elsewhere. */
export function rejectedText(source: string, { read, rejected }: SourceSummary): string | undefined {
  return read > 0 && rejected === read ? `Every line of ${source} was rejected: is this the right mapping?` : undefined;
}
