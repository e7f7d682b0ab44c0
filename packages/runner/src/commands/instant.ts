import { parseTimestamp } from "@headgate/core";
import { UsageError } from "./command.ts";

/** Reads an option's date or time, to Unix ms. @throws `UsageError` naming the option */
export function instant(option: string, text: string): number {
  const found = parseTimestamp(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (found !== undefined) return found;
  throw new UsageError(`${option} must be a UTC date or an RFC 3339 time, such as 2025-07-16 or 2025-07-16T09:00:00Z.`);
}
