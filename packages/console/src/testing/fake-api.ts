import type { IncomingMessage, ServerResponse } from "node:http";
import type {
  Alert,
  Delivery,
  LogEvent,
  Me,
  QuarantineEntry,
  Replay,
  ReplayRange,
  SetupSink,
  Stream,
} from "../rest/wire.ts";
import { fakeAlerts, fakeDeliveries, fakeEvents, fakeQuarantine, fakeStream, fakeStreams } from "./fake-data.ts";
import { fakePreview } from "./fake-preview.ts";
import { fakeGuide, fakeSinks, fakeSteps } from "./fake-setup.ts";

/** What the fake serves; tests change it. */
export interface FakeState {
  me: Me;
  /** The one token that is taken; undefined: the session counts. */
  token: string | undefined;
  streams: Stream[];
  /** What can be connected. */
  sinks: readonly SetupSink[];
  alerts: Alert[];
  deliveries: Delivery[];
  quarantine: QuarantineEntry[];
  events: LogEvent[];
  /** The one under way, or the last one. */
  replay: Replay | undefined;
  /** Requests that fail: `METHOD /path` → status, once each. */
  failures: Map<string, number>;
  /** Requests that wait until the promise is through. */
  waits: Map<string, Promise<unknown>>;
  /** `METHOD /path?query` of each request, in order. */
  readonly requests: string[];
  /** Bodies of the POST and PATCH requests. */
  readonly bodies: { readonly request: string; readonly body: unknown }[];
  /** What the fake found wrong with requests: must stay empty. */
  readonly violations: string[];
  /** An export breaks off after so many events, once. */
  breakExportAfter: number | undefined;
  readonly listeners: Set<ServerResponse>;
}

/** A fresh state, with one stream in each state. */
export function fakeState(): FakeState {
  return {
    me: { role: "admin", organization: "acme", actor: { type: "user", id: "u_1", name: "Ada Lovelace" } },
    token: undefined,
    streams: fakeStreams(),
    sinks: fakeSinks,
    alerts: fakeAlerts(),
    deliveries: fakeDeliveries(80),
    quarantine: fakeQuarantine(),
    events: fakeEvents(250),
    replay: undefined,
    failures: new Map(),
    waits: new Map(),
    requests: [],
    bodies: [],
    violations: [],
    breakExportAfter: undefined,
    listeners: new Set(),
  };
}

/** Tells all pages of a changed, new or removed stream, and of the alerts. */
export function push(state: FakeState, event: "streams" | "removed" | "alerts", data: object): void {
  for (const response of state.listeners) response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

interface Call {
  readonly state: FakeState;
  readonly method: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly accept: string;
  readonly response: ServerResponse;
}

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly more: object;
  constructor(status: number, code: string, message: string, more: object = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.more = more;
  }
}

/** Answers a request below `/v1` as the API does, and notes what no client of ours may send. */
export async function answerFake(
  state: FakeState,
  request: IncomingMessage,
  response: ServerResponse,
  base: string,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://fake");
  const method = request.method ?? "GET";
  const path = url.pathname.slice(base.length);
  const name = `${method} ${path}`;
  state.requests.push(name + url.search);
  try {
    const body = await readBody(state, request, name);
    if (request.headers["headgate-request"] !== "1") state.violations.push(`${name}: no headgate-request header`);
    await state.waits.get(name);
    const failure = state.failures.get(name);
    state.failures.delete(name);
    if (failure !== undefined)
      throw new Refusal(
        failure,
        failure === 401 ? "unauthenticated" : "store_unavailable",
        "The store cannot be reached.",
        {
          hint: "Try again in a moment.",
        },
      );
    if (state.token !== undefined && request.headers.authorization !== `Bearer ${state.token}`)
      throw new Refusal(401, "unauthenticated", "The request carries no valid credentials.");
    if (path === "/v1/me") return json(response, 200, state.me);
    const parts = path.split("/").slice(2).map(decodeURIComponent);
    const call = { state, method, query: url.searchParams, body, response, accept: request.headers.accept ?? "" };
    if (parts[0] === "organizations") {
      if (parts[1] !== "acme") throw new Refusal(404, "not_found", "There is nothing at this address.");
      await route({ ...call, path: parts.slice(2) });
    } else if (state.me.role === "operator") await route({ ...call, path: parts });
    else throw new Refusal(404, "not_found", "There is nothing at this address.");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status, code, message, more } = error;
    json(
      response,
      status,
      { type: "about:blank", title: code, status, detail: message, code, request_id: "req-7f3e", ...more },
      "application/problem+json",
    );
  }
}

async function readBody(
  state: FakeState,
  request: IncomingMessage,
  name: string,
): Promise<Readonly<Record<string, unknown>>> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += String(part);
  if (text === "") return {};
  if (request.headers["content-type"] !== "application/json") state.violations.push(`${name}: body is not JSON`);
  const body = JSON.parse(text) as Readonly<Record<string, unknown>>;
  state.bodies.push({ request: name, body });
  return body;
}

function json(response: ServerResponse, status: number, body: object, type = "application/json"): void {
  const headers = { "content-type": type, "cache-control": "no-store", "headgate-request-id": "req-7f3e" };
  response.writeHead(status, headers).end(JSON.stringify(body));
}

/** Which parameters and body members each route takes. */
function takes(
  { state, method, path, query, body }: Call,
  names: readonly string[],
  members: readonly string[] = [],
): void {
  const name = `${method} /${path.join("/")}`;
  for (const key of query.keys()) if (!names.includes(key)) state.violations.push(`${name}: unknown parameter ${key}`);
  for (const key of Object.keys(body))
    if (!members.includes(key)) state.violations.push(`${name}: unknown member ${key}`);
}

function page<T>(
  all: readonly T[],
  query: URLSearchParams,
): { readonly items: readonly T[]; readonly next_cursor?: string } {
  const begin = Number(query.get("cursor") ?? 0);
  const end = begin + Number(query.get("limit") ?? 100);
  return { items: all.slice(begin, end), ...(end < all.length && { next_cursor: String(end) }) };
}

function mustAdmin({ state }: Call): void {
  if (state.me.role === "viewer") throw new Refusal(403, "forbidden", "Your role does not allow this.");
}

async function route(call: Call): Promise<void> {
  const { state, method, path, query, response } = call;
  const [first, second] = path;
  if (method === "GET" && first === "status" && path.length === 1) {
    const byState: Record<string, number> = {};
    for (const { health } of state.streams) byState[health.state] = (byState[health.state] ?? 0) + 1;
    return json(response, 200, {
      streams: { total: state.streams.length, by_state: byState },
      service_levels: fakeStream("x", "active").service_levels,
      open_alerts: state.alerts.filter(({ closed_at: closed }) => closed === undefined).length,
      pending: state.streams.reduce((sum, { pending }) => sum + pending, 0),
      oldest_pending_at: state.streams[1]?.oldest_pending_at,
    });
  }
  if (method === "GET" && first === "live" && path.length === 1) return live(call);
  if (method === "GET" && first === "alerts") {
    if (second !== undefined) {
      const alert = state.alerts.find(({ id }) => id === second);
      const dispatch = { channel: "security-webhook", attempts: 1, at: alert?.opened_at, status: "delivered" };
      return json(response, 200, {
        ...alert,
        dispatches: [{ ...dispatch, notification: { id: "n1", type: "opened", at: alert?.opened_at } }],
      });
    }
    takes(call, ["open", "stream", "cursor", "limit"]);
    const stream = query.get("stream");
    return json(response, 200, { alerts: state.alerts.filter((one) => stream === null || one.stream === stream) });
  }
  if (first === "setup") return setup(call);
  if (first === "streams") return streams(call);
  if (method === "GET" && first === "events" && path.length === 1) return events(call);
  throw new Refusal(404, "not_found", "There is nothing at this address.");
}

function live({ state, response }: Call): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write(": ping\n\n");
  response.write(`event: streams\ndata: ${JSON.stringify({ streams: state.streams })}\n\n`);
  const open = state.alerts.filter(({ closed_at: closed }) => closed === undefined);
  response.write(`event: alerts\ndata: ${JSON.stringify({ alerts: open })}\n\n`);
  state.listeners.add(response);
  response.on("close", () => state.listeners.delete(response));
}

async function setup(call: Call): Promise<void> {
  const { state, method, path, body, response } = call;
  const [, type, more] = path;
  if (method === "GET" && type === undefined)
    return json(response, 200, { sinks: state.sinks, external_id: "hg-acme-4f1c9d20b7e84a53" });
  const sink = state.sinks.find((one) => one.type === type);
  if (sink === undefined || method !== "POST") throw new Refusal(404, "not_found", "There is nothing at this address.");
  takes(call, [], ["options", "stream"]);
  const options = (body["options"] ?? {}) as Readonly<Record<string, unknown>>;
  if (more === undefined) {
    if ("token" in options || "api_key" in options) call.state.violations.push("a secret was sent to the guide");
    return json(response, 200, fakeGuide(sink, options));
  }
  mustAdmin(call);
  if (options["bucket"] === "taken-by-others")
    throw new Refusal(400, "sink_options_invalid", "The options have a mistake.", {
      problems: [{ path: "$.options.bucket", message: "This bucket is streamed to already." }],
    });
  await verification(call, sink.type, options);
}

/** A gate after the first step, where the test has set one, shows the verification under way. */
async function verification(
  { state, accept, response, path, method }: Call,
  sink: string,
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (accept !== "text/event-stream") throw new Refusal(406, "not_acceptable", "Only events here.");
  response.writeHead(200, { "content-type": "text/event-stream" });
  const steps = fakeSteps(sink, options);
  for (const [i, step] of steps.entries()) {
    response.write(`event: step\ndata: ${JSON.stringify(step)}\n\n`);
    if (i === 0) await state.waits.get(`${method} ${path.join("/")} after first step`);
  }
  response.end(`event: done\ndata: ${JSON.stringify({ ok: steps.every(({ status }) => status !== "failed") })}\n\n`);
}

const shapeMembers = ["filter", "privacy", "format"];

/** What becomes of the last events in the shape of the body. */
function mustShape({ state, body }: Call): object {
  const preview = fakePreview(body, state.events);
  if (!("mistake" in preview)) return preview;
  throw new Refusal(400, "shape_invalid", "The shape has a mistake.", preview.mistake);
}

async function streams(call: Call): Promise<void> {
  const { state, method, path, query, body, response } = call;
  const [, id, what, sequence, mark] = path;
  if (id === undefined) {
    if (method === "GET") {
      takes(call, ["search", "state", "cursor", "limit"]);
      const search = (query.get("search") ?? "").toLowerCase();
      const wanted = query.get("state")?.split(",");
      const found = state.streams.filter(
        (one) =>
          `${one.id} ${one.name ?? ""}`.toLowerCase().includes(search) && (wanted?.includes(one.health.state) ?? true),
      );
      const { items, ...more } = page(found, query);
      return json(response, 200, { streams: items, ...more });
    }
    mustAdmin(call);
    takes(call, [], ["name", "sink", "options", "flush", "from", "paused", ...shapeMembers]);
    mustShape(call);
    const name = typeof body["name"] === "string" ? { name: body["name"] } : {};
    const { token: _token, api_key: _key, ...options } = body["options"] as Record<string, unknown>;
    const made = fakeStream(`${String(body["sink"])}-7f3e`, "unverified", {
      ...name,
      sink: String(body["sink"]),
      options,
      pending: 0,
    });
    const active = { ...made, health: { ...made.health, state: "active" as const, since: new Date().toISOString() } };
    state.streams = [...state.streams, active];
    push(state, "streams", { streams: [active] });
    return json(response, 201, active);
  }
  if (id === "preview" && method === "POST") {
    mustAdmin(call);
    takes(call, [], [...shapeMembers, "limit"]);
    return json(response, 200, mustShape(call));
  }
  const stream = state.streams.find((one) => one.id === id);
  if (stream === undefined) throw new Refusal(404, "stream_unknown", `There is no stream ${id}.`);
  const replace = (next: Stream): void => {
    state.streams = state.streams.map((one) => (one.id === id ? next : one));
    push(state, "streams", { streams: [next] });
    json(response, 200, next);
  };
  if (what === undefined && method === "GET") return json(response, 200, stream);
  if (what === "deliveries" && method === "GET") {
    takes(call, ["cursor", "limit"]);
    const { items, ...more } = page(state.deliveries, query);
    return json(response, 200, { deliveries: items, ...more });
  }
  if (what === "quarantine" && method === "GET") {
    if (sequence === undefined) {
      const { items, ...more } = page(state.quarantine, query);
      return json(response, 200, { entries: items, ...more });
    }
    const entry = state.quarantine.find((one) => String(one.sequence) === sequence);
    if (entry === undefined) throw new Refusal(404, "not_found", "There is nothing at this address.");
    return json(response, 200, {
      ...entry,
      event: { action: "deploy.finished", sequence: entry.sequence, metadata: { log: "…" } },
    });
  }
  if (what === "replay") return replay(call);
  mustAdmin(call);
  if (what === undefined && method === "PATCH") {
    takes(call, [], ["name", "options", "flush", ...shapeMembers]);
    mustShape(call);
    const { token: _token, api_key: _key, ...options } = body["options"] as Record<string, unknown>;
    const { filter, privacy, format } = { ...stream, ...body };
    const shape = { ...(filter && { filter }), ...(privacy && { privacy }), ...(format !== undefined && { format }) };
    return replace({ ...stream, ...shape, options, ...(typeof body["name"] === "string" && { name: body["name"] }) });
  }
  if (what === undefined && method === "DELETE") {
    takes(call, ["abandon_pending"]);
    if (stream.pending > 0 && query.get("abandon_pending") !== "true")
      throw new Refusal(409, "request_invalid", `${stream.pending} events are pending.`, {
        hint: "Say abandon_pending=true to give them up.",
      });
    state.streams = state.streams.filter((one) => one.id !== id);
    push(state, "removed", { ids: [id] });
    return json(response, 200, { deleted: true, pending: stream.pending, pending_bytes: 0, quarantined: 0 });
  }
  if (method !== "POST") throw new Refusal(405, "method_not_allowed", "Not this method.");
  if (what === "pause") return replace({ ...stream, health: { ...stream.health, state: "paused" } });
  if (what === "resume") return replace({ ...stream, health: { ...stream.health, state: "active" } });
  if (what === "verify") return verification(call, stream.sink, stream.options ?? {});
  if (what === "quarantine") {
    const verb = mark ?? sequence;
    takes(call, mark === undefined ? ["after_sequence"] : []);
    const next = verb === "retry" ? "retry" : "discarded";
    const status = verb === "retry" ? 202 : 200;
    // All of them are marked one at a time, so that clients have to go on.
    const after = Number(query.get("after_sequence") ?? 0);
    const one =
      mark === undefined ? state.quarantine.find((entry) => entry.sequence > after)?.sequence : Number(sequence);
    state.quarantine = state.quarantine.map((entry) => (entry.sequence === one ? { ...entry, state: next } : entry));
    if (mark !== undefined) return json(response, status, { sequence: one, state: next });
    const more = state.quarantine.some((entry) => one !== undefined && entry.sequence > one);
    return json(response, status, { count: one === undefined ? 0 : 1, more, ...(more && { after_sequence: one }) });
  }
  throw new Refusal(404, "not_found", "There is nothing at this address.");
}

function replay(call: Call): void {
  const { state, method, body, response } = call;
  if (method !== "GET") mustAdmin(call);
  if (method === "POST") {
    takes(call, [], ["first_sequence", "last_sequence", "from", "to", "dry_run"]);
    const { dry_run: dry, ...range } = body as ReplayRange & { readonly dry_run?: boolean };
    const { first_sequence: first = 1, last_sequence: last = Number.MAX_SAFE_INTEGER, from = "", to = "9" } = range;
    const found = state.events.filter(
      ({ sequence, occurred_at: at }) => sequence >= first && sequence <= last && at >= from && at < to,
    );
    if (dry === true) return json(response, 200, { events: found.length });
    if (state.replay?.state === "running")
      throw new Refusal(409, "replay_running", 'The stream "acme-s3" is replaying a range already.', {
        hint: "Wait until it has ended, or cancel it.",
      });
    const figures = { objects: 0, events: 0, refused: 0, lost: 0, lost_ranges: [] };
    state.replay = { state: "running", range, requested_at: new Date().toISOString(), ...figures };
    return json(response, 202, state.replay);
  }
  if (state.replay === undefined) throw new Refusal(404, "not_found", "There is nothing at this address.");
  if (method === "DELETE" && state.replay.state === "running")
    state.replay = { ...state.replay, state: "cancelled", ended_at: new Date().toISOString() };
  return json(response, 200, state.replay);
}

async function events(call: Call): Promise<void> {
  const { state, query, accept, response } = call;
  takes(call, ["from", "to", "action", "actor", "target", "q", "after_sequence", "cursor", "limit", "order"]);
  const from = Date.parse(query.get("from") ?? "1970-01-01T00:00:00Z");
  const to = Date.parse(query.get("to") ?? "9999-01-01T00:00:00Z");
  const actions = query.get("action")?.split(",");
  const fits = (action: string): boolean =>
    actions?.some((one) => (one.endsWith(".*") ? action.startsWith(one.slice(0, -1)) : one === action)) ?? true;
  const after = Number(query.get("after_sequence") ?? 0);
  const found = state.events.filter(
    (event) =>
      Date.parse(event.occurred_at) >= from &&
      Date.parse(event.occurred_at) < to &&
      fits(event.action) &&
      (query.get("actor") ?? event.actor.id) === event.actor.id &&
      (query.get("target") === null || event.targets?.some(({ id }) => id === query.get("target")) === true) &&
      JSON.stringify(event)
        .toLowerCase()
        .includes((query.get("q") ?? "").toLowerCase()) &&
      event.sequence > after,
  );
  if (query.get("order") === "asc") found.reverse();
  if (accept === "application/json") {
    const { items, ...more } = page(found, query);
    return json(response, 200, { events: items, ...more });
  }
  const csv = accept === "text/csv";
  response.writeHead(200, {
    "content-type": accept,
    "content-disposition": `attachment; filename="acme-events.${csv ? "csv" : "ndjson"}"`,
    "headgate-through-sequence": String(state.events.length),
  });
  if (csv) response.write("sequence,action\r\n");
  for (const [i, event] of found.entries()) {
    if (i === state.breakExportAfter) {
      state.breakExportAfter = undefined;
      response.write('{"sequence":');
      await state.waits.get("export break");
      response.socket?.end();
      return;
    }
    response.write(csv ? `${event.sequence},${event.action}\r\n` : `${JSON.stringify(event)}\n`);
  }
  response.end();
}
