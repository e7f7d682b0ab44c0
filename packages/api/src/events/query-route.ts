import { eventSchema } from "@headgate/core";
import { preferred } from "../accept.ts";
import type { Route, RouteContext } from "../route.ts";
import { nextCursorSchema } from "../schemas.ts";
import { csvHead, csvRow } from "./csv.ts";
import { type EventPage, readEventPage } from "./event-page.ts";
import { exportBody, type ExportFormat } from "./export-body.ts";
import { exportTrace } from "./export-trace.ts";
import { heldBody } from "./held-body.ts";
import { type EventQuery, eventParameters, readEventQuery } from "./query.ts";
import { searchEvents } from "./search-events.ts";

const { $schema: _schema, $id: _id, ...storedEvent } = eventSchema;

const formats = {
  "application/json": undefined,
  "application/x-ndjson": "ndjson",
  "text/csv": "csv",
} as const satisfies Record<string, ExportFormat | undefined>;

const types = ["application/json", "application/x-ndjson", "text/csv"] as const;

const throughHeader = "headgate-through-sequence";
const cursorHeader = "headgate-next-cursor";

/** Searches and exports events. */
export function queryRoute(): Route {
  const trace = exportTrace();
  return {
    method: "GET",
    path: "/v1/organizations/{organization}/events",
    operation: "queryEvents",
    summary: "Search and export events",
    description:
      "A page as JSON. As NDJSON or CSV (by Accept), without a limit, everything that matches as one file of any size, up to where the log ended when it began; a download that broke off goes on with after_sequence, the last sequence that arrived. A page may hold fewer events than asked for, or none, and still have a next_cursor.",
    tag: "Events",
    access: "view",
    parameters: eventParameters,
    responses: {
      200: {
        description: "Events in the order asked for.",
        content: {
          "application/json": {
            schema: {
              type: "object",
              required: ["events"],
              additionalProperties: false,
              properties: { events: { type: "array", items: storedEvent }, next_cursor: nextCursorSchema },
            },
          },
          "application/x-ndjson": { schema: { type: "string", description: "The stored lines, to the byte." } },
          "text/csv": {
            schema: { type: "string", description: "RFC 4180, with a head; cells are safe to open in a spreadsheet." },
          },
        },
        headers: {
          [throughHeader]: {
            description: "Where the log ended when the answer began: a file goes so far, and no further.",
            schema: { type: "integer" },
          },
          [cursorHeader]: {
            description: "next_cursor of a page as NDJSON or CSV.",
            schema: { type: "string" },
          },
        },
      },
    },
    async handle(context) {
      const { headgate, organization, query, request } = context;
      const type = preferred(request, types);
      const asked = readEventQuery(organization, query);
      await headgate.open();
      const { journal } = headgate.store;
      const { lastSequence } = await journal.head(organization);
      const through = Math.min(asked.range.through ?? lastSequence, lastSequence);
      const bounded = { ...asked, range: { ...asked.range, through } };
      const headers = { vary: "accept", [throughHeader]: String(lastSequence) };
      const format = formats[type];
      if (format === undefined) return await page(context, bounded, (found) => jsonPage(found, headers));
      const file = {
        ...headers,
        "content-type": contentTypes[format],
        "content-disposition": disposition(context, format),
      };
      const answer =
        bounded.limit === undefined
          ? exported(context, bounded, format, file)
          : await page(context, bounded, (found) => filePage(found, format, file));
      // A file of everything ends before that: its own trace is not in it.
      await trace(context, { format, through });
      return answer;
    },
  };
}

type Headers = Readonly<Record<string, string>>;

interface Written {
  readonly body: Uint8Array;
  readonly headers: Headers;
}

const contentTypes: Readonly<Record<ExportFormat, string>> = {
  ndjson: "application/x-ndjson",
  csv: "text/csv; charset=utf-8; header=present",
};

/** A page whose place is in use until the client has read it. */
async function page(context: RouteContext, asked: EventQuery, write: (found: EventPage) => Written): Promise<Response> {
  const release = context.hold("searches");
  try {
    const { body, headers } = write(await readEventPage(context.headgate.store.journal, context.organization, asked));
    return new Response(heldBody(body, release), { headers: { ...headers, "content-length": String(body.length) } });
  } catch (error) {
    release();
    throw error;
  }
}

function jsonPage({ lines, nextCursor }: EventPage, headers: Headers): Written {
  const parts: Uint8Array[] = [Buffer.from('{"events":[')];
  lines.forEach((line, i) => {
    if (i > 0) parts.push(Buffer.from(","));
    // Put in as they are stored: their numbers keep their digits.
    parts.push(line.subarray(0, -1));
  });
  const rest = nextCursor === undefined ? "" : `,"next_cursor":${JSON.stringify(nextCursor)}`;
  parts.push(Buffer.from(`]${rest}}`));
  return { body: Buffer.concat(parts), headers: { ...headers, "content-type": "application/json" } };
}

function filePage({ lines, nextCursor }: EventPage, format: ExportFormat, headers: Headers): Written {
  const text = new TextDecoder();
  const rows = format === "ndjson" ? lines : [csvHead, ...lines.map((line) => csvRow(text.decode(line)))];
  return {
    body: Buffer.concat(rows.map((row) => Buffer.from(row))),
    headers: { ...headers, ...(nextCursor !== undefined && { [cursorHeader]: nextCursor }) },
  };
}

function exported(context: RouteContext, asked: EventQuery, format: ExportFormat, headers: Headers): Response {
  const done = context.hold("exports");
  const { filter, range } = asked;
  const events = searchEvents(context.headgate.store.journal, context.organization, filter, range);
  return new Response(exportBody(events, format, { signal: context.signal, done }), { headers });
}

function disposition({ organization, clock }: RouteContext, format: ExportFormat): string {
  const name = organization.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(0, 64);
  const day = new Date(clock.now()).toISOString().slice(0, 10);
  return `attachment; filename="audit-log-${name}-${day}.${format}"`;
}
