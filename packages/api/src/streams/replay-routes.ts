import { type JsonObject, parseTimestamp, type Replay, type ReplayRange } from "@headgate/core";
import { json } from "../answer.ts";
import { changed } from "../change-record.ts";
import { nothingHere } from "../problem.ts";
import type { JsonSchema, Route, RouteContext } from "../route.ts";
import { anyTimeSchema, timeSchema } from "../schemas.ts";
import { jsonResponse } from "./list-answer.ts";
import { ownStoppableStream, ownStream, streamTarget } from "./own-stream.ts";
import { timeJson } from "./stream-json.ts";
import { streamPath } from "./stream-routes.ts";

const count: JsonSchema = { type: "integer", minimum: 0 };
const sequence: JsonSchema = { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER };

const rangeProperties: Readonly<Record<string, JsonSchema>> = {
  first_sequence: { ...sequence, description: "The first sequence. Default: the first that the log still holds." },
  last_sequence: { ...sequence, description: "The last sequence. Default: the last there is." },
  from: { ...anyTimeSchema, description: "Events that occurred then or later." },
  to: { ...anyTimeSchema, description: "Events that occurred before." },
};

const replaySchema: JsonSchema = {
  type: "object",
  required: ["stream", "state", "range", "requested_at", "objects", "events", "refused", "lost", "lost_ranges"],
  additionalProperties: false,
  properties: {
    stream: { type: "string" },
    state: { enum: ["running", "done", "cancelled"] },
    range: { type: "object", additionalProperties: false, properties: rangeProperties },
    requested_at: timeSchema,
    ended_at: timeSchema,
    objects: { ...count, description: "Objects of before that are at the destination now." },
    events: { ...count, description: "Events in them, or sent again, or stored anew." },
    refused: { ...count, description: "Events that the destination refused." },
    lost: { ...count, description: "Events of the range that could not be delivered again." },
    lost_ranges: {
      type: "array",
      description:
        "The first ranges of them, with the reason: `trimmed` (the log holds them no more), `settings` (the stream writes elsewhere, or in another way, by now), `unrecorded` (delivered before objects were recorded), `damaged` (what is at the object's key is not what was stored there), `changed` (what was stored cannot be made again).",
      items: {
        type: "object",
        required: ["first_sequence", "last_sequence", "reason"],
        additionalProperties: false,
        properties: { first_sequence: sequence, last_sequence: sequence, reason: { type: "string" } },
      },
    },
  },
};

/** A replay as it stands on the wire. */
export function replayJson(found: Replay): Readonly<Record<string, unknown>> & { readonly range: JsonObject } {
  const { stream, state, range, requestedAt, endedAt, objects, events, refused, lost, lostRanges } = found;
  return {
    stream,
    state,
    range: rangeJson(range),
    requested_at: timeJson(requestedAt),
    ...(endedAt !== undefined && { ended_at: timeJson(endedAt) }),
    objects,
    events,
    refused,
    lost,
    lost_ranges: lostRanges.map(([first, last, reason]) => ({ first_sequence: first, last_sequence: last, reason })),
  };
}

function rangeJson({ firstSequence, lastSequence, from, to }: ReplayRange): Readonly<Record<string, string | number>> {
  return {
    ...(firstSequence !== undefined && { first_sequence: firstSequence }),
    ...(lastSequence !== undefined && { last_sequence: lastSequence }),
    ...(from !== undefined && { from: timeJson(from) }),
    ...(to !== undefined && { to: timeJson(to) }),
  };
}

interface Asked {
  readonly first_sequence?: number;
  readonly last_sequence?: number;
  readonly from?: string;
  readonly to?: string;
  readonly into?: string;
  readonly dry_run?: boolean;
}

async function replay(context: RouteContext): Promise<Response> {
  const asked = (context.body ?? {}) as Asked;
  const source = await ownStream(context);
  // By the same way, so that another organization's stream is as little there as one that is not.
  const target =
    asked.into === undefined ? source : await ownStream({ ...context, path: { ...context.path, stream: asked.into } });
  const { first_sequence: firstSequence, last_sequence: lastSequence, from, to } = asked;
  const range: ReplayRange = {
    ...(firstSequence !== undefined && { firstSequence }),
    ...(lastSequence !== undefined && { lastSequence }),
    // The schema has looked at their form; what is no date, such as 30 February, is refused with the range.
    ...(from !== undefined && { from: parseTimestamp(from) ?? Number.NaN }),
    ...(to !== undefined && { to: parseTimestamp(to) ?? Number.NaN }),
  };
  if (asked.dry_run === true)
    return json(200, { events: await context.headgate.streams.countReplay(target.id, range) });
  const change = { action: "headgate.stream.replayed", targets: [streamTarget(target)] };
  const begun = await changed(context, change, async () => {
    const result = await context.headgate.streams.replay(source.id, range, { into: target.id });
    const metadata = { ...rangeJson(range), ...(target.id !== source.id && { asked_of: source.id }) };
    return { result, change: { ...change, metadata } };
  });
  return json(202, replayJson(begun));
}

async function show(context: RouteContext): Promise<Response> {
  const { id } = await ownStream(context);
  const found = await context.headgate.streams.replayOf(id);
  if (found === undefined) throw nothingHere();
  return json(200, replayJson(found));
}

async function cancel(context: RouteContext): Promise<Response> {
  const record = await ownStoppableStream(context);
  const change = { action: "headgate.stream.replay_cancelled", targets: [streamTarget(record)] };
  await changed(context, change, async () => {
    const cancelled = await context.headgate.streams.cancelReplay(record.id);
    return { result: undefined, ...(cancelled && { change }) };
  });
  return show(context);
}

/** Replays of a stream: one at a time. */
export const replayRoutes: readonly Route[] = [
  {
    method: "POST",
    path: `${streamPath}/replay`,
    operation: "replayStream",
    summary: "Deliver a range once more",
    description:
      "All that the log holds, or the events of some sequences or of a time. In a bucket nothing is doubled: what is there stays, what has gone comes back, and what came before the stream began is stored in objects of its own. Splunk and Datadog get the events again, with the same `id` and `sequence`. With `into`, another stream of the organization delivers the range, with its own filter, privacy and format; the replay is that stream's then.",
    tag: "Streams",
    access: "admin",
    body: {
      schema: {
        type: "object",
        additionalProperties: false,
        properties: {
          ...rangeProperties,
          into: {
            type: "string",
            minLength: 1,
            maxLength: 128,
            description: "The organization's stream that delivers. Default: this one.",
          },
          dry_run: { type: "boolean", default: false, description: "Count the events, and do nothing else." },
        },
      },
    },
    responses: {
      200: jsonResponse(
        {
          type: "object",
          required: ["events"],
          additionalProperties: false,
          properties: { events: { ...count, description: "Those of the range that the log holds." } },
        },
        "Of a dry run: what there is to deliver, before the stream's filter.",
      ),
      202: jsonResponse(replaySchema, "The replay, which has begun. 409 while another one is under way."),
    },
    handle: replay,
  },
  {
    method: "GET",
    path: `${streamPath}/replay`,
    operation: "getReplay",
    summary: "The replay under way, or the last one",
    tag: "Streams",
    access: "view",
    responses: { 200: jsonResponse(replaySchema, "The replay. 404 where there never was one.") },
    handle: show,
  },
  {
    method: "DELETE",
    path: `${streamPath}/replay`,
    operation: "cancelReplay",
    summary: "End the replay where it stands",
    tag: "Streams",
    access: "admin",
    responses: { 200: jsonResponse(replaySchema, "The last replay. 404 where there never was one.") },
    handle: cancel,
  },
];
