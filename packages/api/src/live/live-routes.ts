import type { Route, RouteContext } from "../route.ts";
import { eventStream } from "../sse.ts";
import { liveEvents } from "./live-feed.ts";

async function live(context: RouteContext): Promise<Response> {
  return eventStream(context, liveEvents(context, context.organization, context.signal));
}

const description =
  "`streams` with `{streams}`, first all, 200 at a time, then those that have changed; `removed` with `{ids}`; `alerts` with `{alerts}`, the open ones whenever they have changed. Looked at every 2 s. Of more than 1000 streams the first 1000, in order of id, are followed.";

/** Live status. */
export const liveRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/organizations/{organization}/live",
    operation: "followStatus",
    summary: "How the organization's streams stand, as server-sent events",
    description,
    tag: "Status",
    access: "view",
    responses: {
      200: {
        description: "Events, until the client goes.",
        content: { "text/event-stream": { schema: { type: "string" } } },
      },
    },
    handle: live,
  },
  {
    method: "GET",
    path: "/v1/live",
    operation: "followAllStatus",
    summary: "How the streams of all organizations stand, as server-sent events",
    description,
    tag: "Operator",
    access: "operator",
    responses: {
      200: {
        description: "Events, until the client goes.",
        content: { "text/event-stream": { schema: { type: "string" } } },
      },
    },
    handle: live,
  },
];
