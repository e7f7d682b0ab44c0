import { liveRoutes } from "../live/live-routes.ts";
import type { Route } from "../route.ts";
import { alertRoutes } from "./alert-routes.ts";
import { deliveryRoutes } from "./delivery-routes.ts";
import { listRoutes } from "./list-routes.ts";
import { previewRoutes } from "./preview-routes.ts";
import { quarantineRoutes } from "./quarantine-routes.ts";
import { replayRoutes } from "./replay-routes.ts";
import { setupRoutes } from "./setup-routes.ts";
import { statusRoutes } from "./status-routes.ts";
import { streamActionRoutes } from "./stream-actions.ts";
import { ownStreamRoutes } from "./stream-routes.ts";

/** Everything about streams: connect, verify, monitor. */
export const streamRoutes: readonly Route[] = [
  ...listRoutes,
  ...ownStreamRoutes,
  ...streamActionRoutes,
  ...deliveryRoutes,
  ...quarantineRoutes,
  ...replayRoutes,
  ...previewRoutes,
  ...setupRoutes,
  ...alertRoutes,
  ...statusRoutes,
  ...liveRoutes,
];
