import type { IncompleteLine } from "../sources/index.ts";
import { countText, plural } from "../terminal/numbers.ts";

/** What a person reads about a last line that was left unread, and what to do about it. */
export function incompleteText(source: string, { line, bytes }: IncompleteLine): string {
  return `1 line without an end was left: ${source} line ${countText(line)} (${plural(bytes, "byte")}). It may still be being written: end the line and run again.`;
}
