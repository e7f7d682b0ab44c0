import type { Journal } from "@headgate/core";
import { encodeCursor } from "../cursor.ts";
import { type EventQuery } from "./query.ts";
import { searchSteps } from "./search-events.ts";

/** One page of a search. */
export interface EventPage {
  /** Stored lines with their LF. */
  readonly lines: readonly Uint8Array[];
  readonly nextCursor?: string;
}

/** A page ends before it gets larger than this; a single event always fits. */
const pageBytes = 4 * 1024 * 1024;
/** Whoever looks for what is rare gets a page with less on it, and goes on from there: no request works for ever. */
const lookedAtBytes = 64 * 1024 * 1024;

/** Reads one page. It may hold fewer events than asked for, or none, and still be followed by another. */
export async function readEventPage(
  journal: Journal,
  organization: string,
  { filter, range, scope, limit = 100 }: EventQuery,
): Promise<EventPage> {
  const lines: Uint8Array[] = [];
  let place: number | undefined;
  let held = 0;
  let lookedAt = 0;
  let full = false;
  for await (const { found, sequence, bytes } of searchSteps(journal, organization, filter, range)) {
    lookedAt += bytes;
    if (found !== undefined) {
      if (held > 0 && held + found.line.length > pageBytes) {
        full = true;
        break;
      }
      lines.push(found.line.slice());
      held += found.line.length;
    }
    place = sequence;
    if (lines.length >= limit || lookedAt >= lookedAtBytes) {
      full = true;
      break;
    }
  }
  return {
    lines,
    ...(full && place !== undefined && { nextCursor: encodeCursor(String(place), scope) }),
  };
}
