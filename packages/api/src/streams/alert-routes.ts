import type { Alert, Headgate } from "@headgate/core";
import { json } from "../answer.ts";
import { nothingHere } from "../problem.ts";
import type { Parameter, Route, RouteContext } from "../route.ts";
import { pageParameters } from "../schemas.ts";
import { alertJson, alertSchema, dispatchJson, toldAlertSchema } from "./alert-json.ts";
import { jsonResponse, listResponse, pageWanted } from "./list-answer.ts";

async function list(context: RouteContext): Promise<Response> {
  const { headgate, organization, query } = context;
  const { open, stream } = query;
  const page = pageWanted(context, 100, "alerts", open ?? "", stream ?? "");
  const found = await headgate.alerts.list({
    ...(organization !== "" && { organization }),
    ...(stream !== undefined && { stream }),
    ...(open !== undefined && { open: open === "true" }),
    ...(page.after !== undefined && { before: page.after }),
    limit: page.limit + 1,
  });
  const shown = found.slice(0, page.limit);
  const last = found.length > page.limit ? shown.at(-1)?.id : undefined;
  return json(200, { alerts: shown.map(alertJson), ...page.next(last) });
}

async function show(context: RouteContext): Promise<Response> {
  const { headgate, principal, organization, path } = context;
  const alert = await alertOf(headgate, organization, path["alert"] as string);
  if (alert === undefined) throw nothingHere();
  const dispatches = await headgate.alerts.dispatches(alert.id);
  const withMessage = principal.role === "operator";
  return json(200, { ...alertJson(alert), dispatches: dispatches.map((one) => dispatchJson(one, { withMessage })) });
}

const alertId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function alertOf({ alerts }: Headgate, organization: string, id: string): Promise<Alert | undefined> {
  if (!alertId.test(id)) return undefined;
  // Alerts are listed in order of id: this one is the first before whatever comes after it.
  const [found] = await alerts.list({ organization, before: `${id}~`, limit: 1 });
  return found?.id === id && found.organization === organization ? found : undefined;
}

const parameters: Readonly<Record<string, Parameter>> = {
  open: { description: "Only open ones, or only closed ones.", schema: { type: "boolean" } },
  stream: { description: "Only those of this stream.", schema: { type: "string", minLength: 1, maxLength: 256 } },
  ...pageParameters(200, 100),
};

/** What is, or was, wrong. */
export const alertRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/organizations/{organization}/alerts",
    operation: "listAlerts",
    summary: "Alerts of the organization, the newest first",
    tag: "Alerts",
    access: "view",
    parameters,
    responses: { 200: listResponse("alerts", alertSchema, "A page.") },
    handle: list,
  },
  {
    method: "GET",
    path: "/v1/organizations/{organization}/alerts/{alert}",
    operation: "getAlert",
    summary: "An alert, and what became of its notifications",
    tag: "Alerts",
    access: "view",
    responses: { 200: jsonResponse(toldAlertSchema, "The alert.") },
    handle: show,
  },
  {
    method: "GET",
    path: "/v1/alerts",
    operation: "listAllAlerts",
    summary: "Alerts of all organizations, the newest first",
    tag: "Operator",
    access: "operator",
    parameters,
    responses: { 200: listResponse("alerts", alertSchema, "A page.") },
    handle: list,
  },
];
