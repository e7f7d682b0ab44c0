import { assertOrganization, type Clock, type Headgate, isHeadgateError, type Logger } from "@headgate/core";
import { randomUUID } from "node:crypto";
import { assertAllowed, principalKey } from "./access.ts";
import type { ChangeJournal } from "./change-journal.ts";
import { jsonBodyReader } from "./json-body.ts";
import type { ApiLimits } from "./limits.ts";
import { parameterCheck, type ParameterCheck } from "./parameters.ts";
import type { Principal } from "./principal.ts";
import { nothingHere, problem, problemResponse, statusOf } from "./problem.ts";
import type { Route, RouteContext, RouteSettings } from "./route.ts";
import { createRouter } from "./router.ts";
import { sharedPlaces, sharedRate } from "./shared-limits.ts";
import { whileAllowed } from "./while-allowed.ts";

/** What the handler puts together. */
export interface HandlerOptions {
  readonly routes: readonly Route[];
  readonly basePath: string;
  readonly authenticate: (request: Request) => Promise<Principal>;
  readonly headgate: Headgate;
  readonly settings: RouteSettings;
  readonly changes: ChangeJournal;
  readonly limits: ApiLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted when the host shuts down. */
  readonly closing: AbortSignal;
}

interface Prepared {
  readonly parameters: ParameterCheck;
  readonly body: ((request: Request) => Promise<unknown>) | undefined;
}

/** Who asks where nobody has to say so. */
const nobody: Principal = { actor: { type: "system", id: "anonymous" }, role: "ingest" };

const securityHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'",
};

/**
 * Makes the way of every request: route, credentials, access, rate, parameters, body, handler. It never rejects: whatever
 * goes wrong becomes a problem, and what nobody foresaw is told to the log and not to whoever asked.
 */
export function createHandler(options: HandlerOptions): (request: Request) => Promise<Response> {
  const { routes, basePath, limits, clock, logger, closing, headgate, settings, changes } = options;
  const match = createRouter(routes);
  const prepared = new Map<Route, Prepared>(
    routes.map((route) => [
      route,
      { parameters: parameterCheck(route), body: route.body && jsonBodyReader(route.body, limits.jsonBodyBytes) },
    ]),
  );
  const requests = sharedRate(limits.requestsPerMinute, clock);
  const appends = sharedRate(limits.appendsPerMinute, clock);
  const lasting = {
    eventStreams: sharedPlaces(limits.eventStreams, "event streams"),
    exports: sharedPlaces(limits.exports, "exports"),
    searches: sharedPlaces(limits.searches, "searches"),
  };

  function locate(request: Request): {
    readonly route: Route;
    readonly path: Readonly<Record<string, string>>;
    readonly search: string;
  } {
    const { pathname, search } = urlOf(request);
    const below = pathname === basePath || pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : "";
    const found = match(request.method, below);
    switch (found.kind) {
      case "found":
        return { ...found.match, search };
      case "method": {
        const allow = found.allow.join(", ");
        throw problem("method_not_allowed", `The address does not take ${request.method}, but ${allow}.`, {
          headers: { allow },
        });
      }
      case "malformed":
        throw problem("request_invalid", "The path is no valid percent-encoding of UTF-8.");
      case "nothing":
        throw nothingHere();
    }
  }

  async function answer(request: Request, requestId: string): Promise<Response> {
    const { route, path, search } = locate(request);
    const { parameters, body } = prepared.get(route) as Prepared;
    const { organization } = path;
    const identify = async (): Promise<Principal> => {
      const found = route.access === "public" ? nobody : await options.authenticate(request);
      assertAllowed(route.access, found, organization);
      return found;
    };
    const principal = await identify();
    const keys = { principal: principalKey(principal), organization: principal.organization };
    // Health is asked for by machines that have no credentials, and costs nothing.
    if (route.access !== "public") (route.access === "ingest" ? appends : requests)(keys);
    if (organization !== undefined) assertOrganization(organization);
    if (!parameters.path(path)) throw nothingHere();
    const query = parameters.query(search);
    const ended = new AbortController();
    const context: RouteContext = {
      headgate,
      principal,
      organization: organization ?? "",
      path,
      query,
      body: await body?.(request),
      request,
      signal: AbortSignal.any([request.signal, closing, ended.signal]),
      clock,
      logger,
      requestId,
      settings,
      changes,
      hold(kind) {
        const release = lasting[kind](keys);
        const stop = whileAllowed(
          async () => void (await identify()),
          clock,
          () => ended.abort(),
        );
        return () => {
          stop();
          release();
        };
      },
    };
    return await route.handle(context);
  }

  return async (request) => {
    const requestId = randomUUID();
    let response: Response;
    try {
      response = await answer(request, requestId);
    } catch (error) {
      const code = isHeadgateError(error) ? error.code : "internal";
      if (statusOf(code) >= 500) {
        // Not the message of what is no error of ours: it may quote what was sent.
        const told = isHeadgateError(error) ? error.message : error instanceof Error ? error.name : typeof error;
        logger.error("a request failed", { request: requestId, code, error: told });
      }
      response = problemResponse(error, requestId);
    }
    for (const [name, value] of Object.entries(securityHeaders)) response.headers.set(name, value);
    response.headers.set("headgate-request-id", requestId);
    return request.method === "HEAD" ? headOf(response) : response;
  };
}

function urlOf(request: Request): URL {
  try {
    return new URL(request.url);
  } catch {
    // Adapters make the URL from the host header, which may be anything.
    throw problem("request_invalid", "The address of the request is no URL.");
  }
}

function headOf({ body, status, headers }: Response): Response {
  // Whatever has begun to be made for the body ends.
  void body?.cancel().catch(() => {});
  return new Response(null, { status, headers });
}
