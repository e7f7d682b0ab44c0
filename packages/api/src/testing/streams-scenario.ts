import { memoSink } from "./memo-sink.ts";
import { organization, type Scenario } from "./scenario.ts";
import { event } from "./world.ts";

const id = (body: unknown): string => (body as { readonly id: string }).id;
const options = { box: "shelf", note: "top" };

/** Streams, set-up, deliveries, quarantine, alerts, status and live. */
export const streamsScenario: Scenario = {
  sinks: [memoSink().definition],
  steps: [
    { operation: "listSetup", status: 200 },
    { operation: "getSetup", status: 200, path: () => ({ sink: "memo" }) },
    {
      operation: "makeSetup",
      status: 200,
      path: () => ({ sink: "memo" }),
      asked: () => ({ body: { options: { box: "shelf" } } }),
    },
    { operation: "verifySetup", status: 200, path: () => ({ sink: "memo" }), asked: () => ({ body: { options } }) },
    {
      operation: "verifySetup",
      status: 200,
      path: () => ({ sink: "memo" }),
      asked: () => ({ body: { options }, headers: { accept: "text/event-stream" } }),
    },
    {
      operation: "createStream",
      status: 201,
      asked: () => ({ body: { name: "Shelf", sink: "memo", options, flush: { max_age_seconds: 1 } } }),
      after: (body, notes) => notes.set("stream", id(body)),
    },
    // A repeated request finds what the first one made.
    { operation: "createStream", status: 200, asked: () => ({ body: { sink: "memo", options } }) },
    { operation: "getStream", status: 200, path: (notes) => ({ stream: notes.get("stream") ?? "" }) },
    { operation: "getStreamStatus", status: 200, path: (notes) => ({ stream: notes.get("stream") ?? "" }) },
    { operation: "listStreams", status: 200, query: "?search=SHELF&state=unverified,active&limit=1" },
    { operation: "listAllStreams", status: 200, as: "operator" },
    {
      operation: "updateStream",
      status: 200,
      path: (notes) => ({ stream: notes.get("stream") ?? "" }),
      asked: () => ({ body: { name: "The shelf", options: { box: "shelf", note: "bottom" } } }),
    },
    {
      operation: "updateStream",
      status: 200,
      path: (notes) => ({ stream: notes.get("stream") ?? "" }),
      asked: () => ({
        body: {
          filter: { exclude: [{ action: "noise.*", outcome: "success" }] },
          privacy: [{ path: "metadata.**.email", method: "mask" }],
          format: "native",
        },
      }),
    },
    {
      operation: "previewStream",
      status: 200,
      asked: () => ({ body: { filter: { include: [{ action: "*" }] }, limit: 2 } }),
    },
    { operation: "pauseStream", status: 200, path: (notes) => ({ stream: notes.get("stream") ?? "" }) },
    { operation: "resumeStream", status: 200, path: (notes) => ({ stream: notes.get("stream") ?? "" }) },
    {
      operation: "replayStream",
      status: 200,
      path: (notes) => ({ stream: notes.get("stream") ?? "" }),
      asked: () => ({ body: { last_sequence: 1, dry_run: true } }),
    },
    {
      operation: "replayStream",
      status: 202,
      path: (notes) => ({ stream: notes.get("stream") ?? "" }),
      asked: (notes) => ({
        body: { first_sequence: 1, from: "2026-11-26T09:00:00Z", into: notes.get("stream") ?? "" },
      }),
    },
    { operation: "getReplay", status: 200, path: (notes) => ({ stream: notes.get("stream") ?? "" }) },
    { operation: "cancelReplay", status: 200, path: (notes) => ({ stream: notes.get("stream") ?? "" }) },
    { operation: "verifyStream", status: 200, path: (notes) => ({ stream: notes.get("stream") ?? "" }) },
    {
      operation: "verifyStream",
      status: 200,
      path: (notes) => ({ stream: notes.get("stream") ?? "" }),
      asked: () => ({ headers: { accept: "text/event-stream" } }),
    },
    {
      operation: "listDeliveries",
      status: 200,
      query: "?limit=1",
      path: (notes) => ({ stream: notes.get("stream") ?? "" }),
      async before({ headgate }, notes) {
        const { sequences } = await headgate.append(organization, [
          event("bad-1", { action: "poison.pill" }) as never,
          event("bad-2", { action: "poison.apple" }) as never,
        ]);
        notes.set("sequence", String(sequences[0]));
        await headgate.drain();
      },
    },
    {
      operation: "listQuarantine",
      status: 200,
      query: "?limit=1",
      path: (notes) => ({ stream: notes.get("stream") ?? "" }),
    },
    {
      operation: "getQuarantined",
      status: 200,
      path: (notes) => ({ stream: notes.get("stream") ?? "", sequence: notes.get("sequence") ?? "" }),
    },
    {
      operation: "retryQuarantined",
      status: 202,
      path: (notes) => ({ stream: notes.get("stream") ?? "", sequence: notes.get("sequence") ?? "" }),
    },
    {
      operation: "discardQuarantined",
      status: 200,
      path: (notes) => ({ stream: notes.get("stream") ?? "", sequence: notes.get("sequence") ?? "" }),
    },
    { operation: "retryAllQuarantined", status: 202, path: (notes) => ({ stream: notes.get("stream") ?? "" }) },
    {
      operation: "discardAllQuarantined",
      status: 200,
      query: "?after_sequence=0",
      path: (notes) => ({ stream: notes.get("stream") ?? "" }),
    },
    {
      operation: "listAlerts",
      status: 200,
      query: "?open=true",
      async before({ headgate }) {
        const blocked = { sink: "memo", options: { box: "blocked" } };
        await headgate.streams.create(organization, blocked);
        await headgate.drain();
        await headgate.alerts.evaluate();
      },
      after: (body, notes) => {
        const { alerts } = body as { readonly alerts: readonly { readonly id: string; readonly kind: string }[] };
        notes.set("alert", alerts.find(({ kind }) => kind === "blocked")?.id ?? "");
      },
    },
    { operation: "getAlert", status: 200, path: (notes) => ({ alert: notes.get("alert") ?? "" }) },
    { operation: "getAlert", status: 200, as: "operator", path: (notes) => ({ alert: notes.get("alert") ?? "" }) },
    { operation: "listAllAlerts", status: 200, as: "operator", query: "?limit=1" },
    { operation: "getStatus", status: 200 },
    { operation: "getOverallStatus", status: 200, as: "operator" },
    { operation: "followStatus", status: 200 },
    { operation: "followAllStatus", status: 200, as: "operator" },
    {
      operation: "deleteStream",
      status: 200,
      query: "?abandon_pending=true",
      path: (notes) => ({ stream: notes.get("stream") ?? "" }),
    },
  ],
};
