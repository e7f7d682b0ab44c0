import type { Headgate, StreamState } from "@headgate/core";
import { json } from "../answer.ts";
import type { Parameter, Route, RouteContext } from "../route.ts";
import { pageParameters } from "../schemas.ts";
import { listResponse, pageWanted } from "./list-answer.ts";
import { shownStream } from "./shown-stream.ts";
import { shownStates, streamSchema } from "./stream-json.ts";

async function list(context: RouteContext): Promise<Response> {
  const { headgate, organization, query } = context;
  const { search, state } = query;
  const page = pageWanted(context, 100, "streams", search ?? "", state ?? "");
  const found = await headgate.streams.statuses({
    ...(organization !== "" && { organization }),
    ...(search !== undefined && { search }),
    ...(state !== undefined && { states: state.split(",") as StreamState[] }),
    ...(page.after !== undefined && { after: page.after }),
    limit: page.limit,
  });
  return json(200, { streams: shownStreams(headgate, found.streams), ...page.next(found.after) });
}

type Statuses = Awaited<ReturnType<Headgate["streams"]["statuses"]>>["streams"];

function shownStreams(headgate: Headgate, streams: Statuses): readonly object[] {
  return streams.map((status) => shownStream(headgate, status));
}

const parameters: Readonly<Record<string, Parameter>> = {
  search: {
    description: "Text in id, name or organization, whatever the case of ASCII letters.",
    schema: { type: "string", maxLength: 256 },
  },
  state: {
    description: "Only streams in one of these states. A page may then be short, or empty, and still not be the last.",
    schema: { type: "array", items: { enum: shownStates }, maxItems: 12 },
    example: "active,blocked",
  },
  ...pageParameters(200, 100),
};

/** Lists of streams: an organization's, and all for operators. */
export const listRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/organizations/{organization}/streams",
    operation: "listStreams",
    summary: "Streams of the organization, with how they stand",
    tag: "Streams",
    access: "view",
    parameters,
    responses: { 200: listResponse("streams", streamSchema, "A page, in order of id.") },
    handle: list,
  },
  {
    method: "GET",
    path: "/v1/streams",
    operation: "listAllStreams",
    summary: "Streams of all organizations",
    tag: "Operator",
    access: "operator",
    parameters,
    responses: { 200: listResponse("streams", streamSchema, "A page, in order of id.") },
    handle: list,
  },
];
