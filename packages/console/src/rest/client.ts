import { ApiProblem, isAbort, problemOf } from "./problem.ts";
import { serverSent, type ServerSent } from "./server-sent.ts";
import type { Me } from "./wire.ts";

/** Which API is spoken to, and as whom. */
export interface ApiSettings {
  /** Where the API is mounted, e.g. `/audit-log`; empty for the page's own origin. */
  readonly api: string;
  readonly organization: string | undefined;
  /** A bearer token; without one the host's session counts. */
  readonly token: string | undefined;
  /** The host's own fetch, for its own headers. */
  readonly fetch: typeof globalThis.fetch | undefined;
}

/** Whose streams are meant, and what may be done with them. */
export interface Scope {
  readonly me: Me;
  /** Absent for an operator who has chosen none: all organizations. */
  readonly organization: string | undefined;
  /** Path below the API's base that the organization's routes begin with. */
  readonly path: string;
  /** Whether streams may be changed. */
  readonly mayChange: boolean;
}

type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** What a request may carry. */
export interface ApiRequest {
  readonly method?: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

/** The API as components speak to it. Every call throws {@link ApiProblem}, or the abort of its signal. */
export interface ApiClient {
  readonly settings: ApiSettings;
  scope(): Promise<Scope>;
  /** A request below the scope, e.g. `/streams`; the answer's JSON, which is trusted to be what the route promises. */
  json<T>(path: string, request?: ApiRequest): Promise<T>;
  response(path: string, request?: ApiRequest): Promise<Response>;
  /** A request that is answered by server-sent events. */
  events(path: string, request?: ApiRequest): AsyncGenerator<ServerSent, void, undefined>;
}

/** Whether two settings speak to the same API as the same one. */
export function sameSettings(a: ApiSettings, b: ApiSettings): boolean {
  return a.api === b.api && a.organization === b.organization && a.token === b.token && a.fetch === b.fetch;
}

/** An answer that is no stream comes within this time, or it will not come. */
const patienceMs = 30_000;

/** Makes a client. Sends nothing yet. */
export function createClient(settings: ApiSettings): ApiClient {
  let known: Promise<Scope> | undefined;
  const base = settings.api.replace(/\/+$/, "");

  async function send(path: string, request: ApiRequest): Promise<Response> {
    const { method = "GET", query, body, accept = "application/json", signal } = request;
    const headers: Record<string, string> = { accept, "headgate-request": "1" };
    if (settings.token !== undefined) headers["authorization"] = `Bearer ${settings.token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const call = settings.fetch ?? globalThis.fetch.bind(globalThis);
    let response: Response;
    try {
      response = await call(base + path + queryText(query), {
        method,
        headers,
        credentials: "same-origin",
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (error) {
      if (isAbort(error) || signal?.aborted === true) throw error;
      throw new ApiProblem(0, "unreachable", "");
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  async function look(): Promise<Scope> {
    const me = await inTime(undefined, async (signal) => (await (await send("/v1/me", { signal })).json()) as Me);
    const organization = settings.organization ?? me.organization;
    return {
      me,
      organization,
      path: organization === undefined ? "/v1" : `/v1/organizations/${encodeURIComponent(organization)}`,
      mayChange: me.role === "admin" || me.role === "operator",
    };
  }

  const client: ApiClient = {
    settings,
    scope() {
      known ??= look().catch((error: unknown) => {
        // Asked again by whoever tries again.
        known = undefined;
        throw error;
      });
      return known;
    },
    async response(path, request = {}) {
      const { path: prefix } = await client.scope();
      return send(prefix + path, request);
    },
    json: <T>(path: string, request: ApiRequest = {}) =>
      inTime(request.signal, async (signal) => {
        const response = await client.response(path, { ...request, signal });
        return (await response.json()) as T;
      }),
    async *events(path, request = {}) {
      const response = await client.response(path, { ...request, accept: "text/event-stream" });
      if (response.body === null) return;
      try {
        yield* serverSent(response.body);
      } catch (error) {
        if (isAbort(error) || request.signal?.aborted === true) throw error;
        throw new ApiProblem(0, "unreachable", "");
      }
    },
  };
  return client;
}

/** Has work fail as unreachable where it takes too long, or breaks in the midst of an answer. */
async function inTime<T>(given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), patienceMs);
  try {
    return await work(AbortSignal.any([late.signal, ...(given ? [given] : [])]));
  } catch (error) {
    const calledOff = given?.aborted === true || (isAbort(error) && !late.signal.aborted);
    if (error instanceof ApiProblem || calledOff) throw error;
    // An answer that is no JSON is a page of somebody else: of a proxy, or of the host where the API is not mounted.
    if (error instanceof SyntaxError) throw new ApiProblem(0, "not_api", "");
    throw new ApiProblem(0, "unreachable", "");
  } finally {
    clearTimeout(timer);
  }
}

function queryText(query: Query | undefined): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === "") continue;
    if (typeof value === "object") for (const one of value) search.append(name, one);
    else search.set(name, String(value));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
