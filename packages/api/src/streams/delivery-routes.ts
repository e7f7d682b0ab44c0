import { json } from "../answer.ts";
import type { Route, RouteContext } from "../route.ts";
import { pageParameters } from "../schemas.ts";
import { deliveryJson, deliverySchema } from "./delivery-json.ts";
import { listResponse, numberOf, pageWanted } from "./list-answer.ts";
import { ownStream } from "./own-stream.ts";
import { streamPath } from "./stream-routes.ts";

async function list(context: RouteContext): Promise<Response> {
  const { id, incarnation } = await ownStream(context);
  const page = pageWanted(context, 50, "deliveries", id, incarnation);
  const before = numberOf(page.after);
  const found = await context.headgate.store.deliveries.list(id, {
    ...(before !== undefined && { before }),
    limit: page.limit + 1,
  });
  const shown = found.slice(0, page.limit);
  const last = found.length > page.limit ? shown.at(-1)?.number : undefined;
  return json(200, { deliveries: shown.map(deliveryJson), ...page.next(last?.toString()) });
}

/** What was sent when. */
export const deliveryRoutes: readonly Route[] = [
  {
    method: "GET",
    path: `${streamPath}/deliveries`,
    operation: "listDeliveries",
    summary: "Requests that were made for a stream, the newest first",
    description: "The newest thousand or so of each stream are kept.",
    tag: "Deliveries",
    access: "view",
    parameters: pageParameters(200, 50),
    responses: { 200: listResponse("deliveries", deliverySchema, "A page.") },
    handle: list,
  },
];
