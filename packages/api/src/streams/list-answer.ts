import { problem } from "../problem.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import type { JsonSchema, ResponseSpec, RouteContext } from "../route.ts";
import { nextCursorSchema } from "../schemas.ts";

/** The page that a request asks for. */
export interface PageWanted {
  readonly limit: number;
  /** What the page before ended with. */
  readonly after: string | undefined;
  /** Makes the member `next_cursor` for where the next page begins; nothing where there is none. */
  next(after: string | undefined): { readonly next_cursor?: string };
}

/** Reads the page out of a query. `scope` are the words that the list depends on, beside whose it is. @throws `request_invalid` */
export function pageWanted(
  { query, organization }: Pick<RouteContext, "query" | "organization">,
  usual: number,
  ...scope: readonly string[]
): PageWanted {
  const { cursor, limit = String(usual) } = query;
  const about = JSON.stringify([organization, ...scope]);
  return {
    limit: Number(limit),
    after: cursor === undefined ? undefined : decodeCursor(cursor, about),
    next: (after) => (after === undefined ? {} : { next_cursor: encodeCursor(after, about) }),
  };
}

/** A cursor's value that must be a number. @throws `request_invalid` */
export function numberOf(after: string | undefined): number | undefined {
  if (after === undefined) return undefined;
  const value = /^\d{1,15}$/.test(after) ? Number(after) : undefined;
  if (value !== undefined) return value;
  throw problem("request_invalid", "The cursor does not go with this request.", {
    problems: [{ path: "query.cursor", message: "must be next_cursor of the same list" }],
  });
}

/** A page of things. */
export function listResponse(name: string, item: JsonSchema, description: string): ResponseSpec {
  return {
    description,
    content: {
      "application/json": {
        schema: {
          type: "object",
          required: [name],
          additionalProperties: false,
          properties: { [name]: { type: "array", items: item }, next_cursor: nextCursorSchema },
        },
      },
    },
  };
}

/** One thing as JSON. */
export function jsonResponse(schema: JsonSchema, description: string): ResponseSpec {
  return { description, content: { "application/json": { schema } } };
}
