import { parseTimestamp } from "@headgate/core";
import { decodeCursor } from "../cursor.ts";
import type { QueryValues } from "../parameters.ts";
import { problem } from "../problem.ts";
import type { Parameter } from "../route.ts";
import { anyTimeSchema, pageParameters } from "../schemas.ts";
import type { EventFilter } from "./event-filter.ts";
import type { SearchRange } from "./search-events.ts";

const text = { type: "string", minLength: 1, maxLength: 1024 } as const;

/** What a request for events may ask for. */
export const eventParameters: Readonly<Record<string, Parameter>> = {
  from: { description: "Events that occurred then or later.", schema: anyTimeSchema, example: "2026-11-26T09:00:00Z" },
  to: { description: "Events that occurred before.", schema: anyTimeSchema },
  action: {
    description: "Events of one of these actions; a * at the end stands for any rest. May be given repeatedly.",
    schema: { type: "array", items: text, minItems: 1, maxItems: 100 },
    example: "user.*",
  },
  actor: { description: "Events whose actor has this id or name.", schema: text },
  target: { description: "Events one of whose targets has this id or name.", schema: text },
  q: { description: "Events that hold this text anywhere, whatever the case of ASCII letters.", schema: text },
  after_sequence: {
    description: "Events beyond this sequence: what an export that broke off goes on from.",
    schema: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  },
  order: {
    description: "By sequence.",
    schema: { type: "string", enum: ["asc", "desc"], default: "asc" },
  },
  ...pageParameters(1000, 100),
};

/** A request for events, read. */
export interface EventQuery {
  readonly filter: EventFilter;
  readonly range: SearchRange;
  /** Absent where nothing was said. */
  readonly limit?: number;
  /** What cursors of these pages go with. */
  readonly scope: string;
}

/** Reads the parameters. @throws `request_invalid` */
export function readEventQuery(organization: string, query: QueryValues): EventQuery {
  const { from, to, action, actor, target, q, cursor, limit } = query;
  const filter: EventFilter = {
    ...(from !== undefined && { from: instant("from", from) }),
    ...(to !== undefined && { to: instant("to", to) }),
    ...(action !== undefined && { actions: action.split(",") }),
    ...(actor !== undefined && { actor }),
    ...(target !== undefined && { target }),
    ...(q !== undefined && { text: q }),
  };
  if (filter.from !== undefined && filter.to !== undefined && filter.from > filter.to) {
    throw mistake("from", "must not be later than to");
  }
  const descending = query["order"] === "desc";
  const scope = `events:${JSON.stringify([organization, filter, descending])}`;
  const after = Number(query["after_sequence"] ?? 0);
  const place = cursor === undefined ? undefined : Number(decodeCursor(cursor, scope));
  if (place !== undefined && !Number.isSafeInteger(place))
    throw mistake("cursor", "must be next_cursor of the same list");
  return {
    filter,
    range: {
      after: descending ? after : Math.max(after, place ?? 0),
      ...(descending && place !== undefined && { through: place - 1 }),
      order: descending ? "descending" : "ascending",
    },
    ...(limit !== undefined && { limit: Number(limit) }),
    scope,
  };
}

function instant(name: string, value: string): number {
  const found = parseTimestamp(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00Z` : value);
  if (found === undefined) throw mistake(name, "must be an RFC 3339 time such as 2026-11-26T09:00:00Z, or a UTC date");
  return found;
}

function mistake(name: string, message: string): Error {
  return problem("request_invalid", `The query has a mistake: query.${name} ${message}.`, {
    problems: [{ path: `query.${name}`, message }],
  });
}
