import type { QuarantineRecord } from "@headgate/core";
import { json } from "../answer.ts";
import { changed } from "../change-record.ts";
import { nothingHere, problem } from "../problem.ts";
import type { Parameter, Route, RouteContext } from "../route.ts";
import { pageParameters } from "../schemas.ts";
import { jsonResponse, listResponse, numberOf, pageWanted } from "./list-answer.ts";
import { ownStream, streamTarget } from "./own-stream.ts";
import { markAll, mostMarked, quarantined } from "./quarantine-marks.ts";
import { quarantineJson, quarantineSchema, quarantineStates } from "./quarantine-json.ts";
import { streamPath } from "./stream-routes.ts";

/** Entries come with their events, which may be large: a page ends early rather than to hold more. */
const mostPageBytes = 8 * 1024 * 1024;

async function list(context: RouteContext): Promise<Response> {
  const { id, incarnation } = await ownStream(context);
  const page = pageWanted(context, 50, "quarantine", id, incarnation);
  const entries: object[] = [];
  let bytes = 0;
  let last: number | undefined;
  for await (const entry of quarantined(context.headgate, id, numberOf(page.after))) {
    if (entries.length === page.limit || bytes > mostPageBytes)
      return json(200, { entries, ...page.next(String(last)) });
    bytes += entry.line.length;
    last = entry.sequence;
    entries.push(quarantineJson(entry, { withEvent: false }));
  }
  return json(200, { entries });
}

/** @throws `not_found` */
async function entryOf(context: RouteContext, stream: string): Promise<QuarantineRecord> {
  const entry = await context.headgate.store.quarantine.get(stream, Number(context.path["sequence"]));
  if (entry === undefined) throw nothingHere();
  return entry;
}

async function show(context: RouteContext): Promise<Response> {
  const { id } = await ownStream(context);
  return json(200, quarantineJson(await entryOf(context, id), { withEvent: true }));
}

async function retry(context: RouteContext): Promise<Response> {
  const stream = await ownStream(context);
  const { sequence, state } = await entryOf(context, stream.id);
  const change = { action: "headgate.quarantine.retried", targets: [streamTarget(stream)], metadata: { sequence } };
  await changed(context, change, async () => {
    if (state !== "discarded" && (await context.headgate.quarantine.retry(stream.id, sequence)))
      return { result: undefined, change };
    throw problem("request_invalid", `The event ${sequence} was discarded, so there is nothing to send again.`, {
      status: 409,
    });
  });
  return json(202, { sequence, state: "retry" });
}

async function discard(context: RouteContext): Promise<Response> {
  const stream = await ownStream(context);
  const { sequence } = await entryOf(context, stream.id);
  const change = { action: "headgate.quarantine.discarded", targets: [streamTarget(stream)], metadata: { sequence } };
  await changed(context, change, async () => {
    // False where it is discarded already: then nothing changes.
    const discarded = await context.headgate.quarantine.discard(stream.id, sequence);
    return { result: undefined, ...(discarded && { change }) };
  });
  return json(200, { sequence, state: "discarded" });
}

async function all(context: RouteContext, state: "retry" | "discarded"): Promise<Response> {
  const stream = await ownStream(context);
  const after = context.query["after_sequence"];
  const action = state === "retry" ? "headgate.quarantine.retried" : "headgate.quarantine.discarded";
  const intended = { action, targets: [streamTarget(stream)], metadata: { after_sequence: Number(after ?? 0) } };
  const { count, next } = await changed(context, intended, async () => {
    const result = await markAll(context.headgate, stream.id, state, Number(after ?? 0));
    const metadata = { count: result.count, first_sequence: result.first, last_sequence: result.last };
    return { result, ...(result.count > 0 && { change: { ...intended, metadata } }) };
  });
  const answer = { count, more: next !== undefined, ...(next !== undefined && { after_sequence: next }) };
  return json(state === "retry" ? 202 : 200, answer);
}

const parameters: Readonly<Record<string, Parameter>> = {
  sequence: { description: "Of the event.", schema: { type: "integer", minimum: 1 } },
};
const markedSchema = {
  type: "object",
  required: ["sequence", "state"],
  additionalProperties: false,
  properties: { sequence: { type: "integer", minimum: 1 }, state: { enum: quarantineStates } },
};
const allMarked = jsonResponse(
  {
    type: "object",
    required: ["count", "more"],
    additionalProperties: false,
    properties: {
      count: { type: "integer", minimum: 0, description: "How many were marked by this request." },
      more: { type: "boolean", description: "Whether others are left to be looked at." },
      after_sequence: { type: "integer", description: "Where to go on, as the parameter of the same name." },
    },
  },
  "How many, and whether to ask again.",
);
const afterSequence: Readonly<Record<string, Parameter>> = {
  after_sequence: {
    description: "Only events after this one: after_sequence of the answer before.",
    schema: { type: "integer", minimum: 0 },
  },
};
const quarantinePath = `${streamPath}/quarantine`;
const one = { parameters, tag: "Quarantine", access: "admin" } as const;
const many = { parameters: afterSequence, tag: "Quarantine", access: "admin" } as const;

/** Events that a destination refused: look at them, send them again, discard them. */
export const quarantineRoutes: readonly Route[] = [
  {
    method: "GET",
    path: quarantinePath,
    operation: "listQuarantine",
    summary: "Events in quarantine, without their content",
    tag: "Quarantine",
    access: "view",
    parameters: pageParameters(200, 50),
    responses: { 200: listResponse("entries", quarantineSchema, "A page, in order of sequence.") },
    handle: list,
  },
  {
    method: "GET",
    path: `${quarantinePath}/{sequence}`,
    operation: "getQuarantined",
    summary: "An event in quarantine",
    tag: "Quarantine",
    access: "view",
    parameters,
    responses: { 200: jsonResponse(quarantineSchema, "With the event itself.") },
    handle: show,
  },
  {
    ...one,
    method: "POST",
    path: `${quarantinePath}/{sequence}/retry`,
    operation: "retryQuarantined",
    summary: "Have an event sent again, soon",
    responses: { 202: jsonResponse(markedSchema, "It is marked; it leaves the quarantine once it is delivered.") },
    handle: retry,
  },
  {
    ...one,
    method: "POST",
    path: `${quarantinePath}/{sequence}/discard`,
    operation: "discardQuarantined",
    summary: "Drop an event's content for this stream, for good",
    description: "It stays counted, and the log keeps it.",
    responses: { 200: jsonResponse(markedSchema, "It is discarded.") },
    handle: discard,
  },
  {
    ...many,
    method: "POST",
    path: `${quarantinePath}/retry`,
    operation: "retryAllQuarantined",
    summary: "Have all events of the quarantine sent again",
    description: `At most ${mostMarked} by one request.`,
    responses: { 202: allMarked },
    handle: (context) => all(context, "retry"),
  },
  {
    ...many,
    method: "POST",
    path: `${quarantinePath}/discard`,
    operation: "discardAllQuarantined",
    summary: "Discard all events of the quarantine",
    description: `At most ${mostMarked} by one request.`,
    responses: { 200: allMarked },
    handle: (context) => all(context, "discarded"),
  },
];
