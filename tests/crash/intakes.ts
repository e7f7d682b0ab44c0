import { startDatadogServer } from "@headgate/sink-testkit/datadog";
import { startHecServer } from "@headgate/sink-testkit/hec";
import type { IntakeRun, TakenRequests } from "./intake.ts";

/** An intake to stream to, and what it has taken. */
export interface Intake extends AsyncDisposable {
  readonly run: Pick<IntakeRun, "kind" | "url" | "key" | "acknowledge">;
  readonly taken: TakenRequests;
}

const key = "5f0e2a90-54cf-4f4c-9d51-3a1f57a8d1aa";

/** Every sink to a log intake with every transport, with and without acknowledgement. */
export const intakes: readonly { readonly name: string; readonly open: () => Promise<Intake> }[] = [
  { name: "Splunk", open: () => hec("splunk", false) },
  { name: "Splunk, acknowledged", open: () => hec("splunk", true) },
  { name: "Splunk by splunk-logging", open: () => hec("splunk-logging", false) },
  { name: "Datadog", open: () => datadog("datadog") },
  { name: "Datadog by its API client", open: () => datadog("datadog-api-client") },
];

async function hec(kind: "splunk" | "splunk-logging", acknowledge: boolean): Promise<Intake> {
  const server = await startHecServer({ tokens: [{ token: key, acknowledge }], ackMs: 30 });
  return {
    run: { kind, url: server.url, key, acknowledge: acknowledge ? "required" : "off" },
    taken: () => idsByRequest(server.events),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function datadog(kind: "datadog" | "datadog-api-client"): Promise<Intake> {
  const server = await startDatadogServer({ apiKeys: [key] });
  return {
    run: { kind, url: server.url, key, acknowledge: "off" },
    taken: () => idsByRequest(server.logs.map(({ request, log }) => ({ request, event: log["audit"] }))),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Ids of each request's events; the sinks' own test events are none of the log's. */
function idsByRequest(
  events: readonly { readonly request: number; readonly event: unknown }[],
): readonly (readonly string[])[] {
  const byRequest = new Map<number, string[]>();
  for (const { request, event } of events) {
    const { id, action } = (event ?? {}) as { readonly id?: string; readonly action?: string };
    if (id === undefined || action !== "pipeline.run.finished") continue;
    const ids = byRequest.get(request);
    if (ids === undefined) byRequest.set(request, [id]);
    else ids.push(id);
  }
  return [...byRequest.values()];
}
