import {
  type Catalog,
  type Clock,
  type Headgate,
  HeadgateError,
  type Logger,
  type SinkDefinition,
  silentLogger,
  systemClock,
} from "@headgate/core";
import { authentication } from "./authentication.ts";
import { ingestRoute } from "./events/ingest-route.ts";
import { queryRoute } from "./events/query-route.ts";
import { changeJournal } from "./change-journal.ts";
import { createHandler } from "./handler.ts";
import { type ApiLimits, defaultLimits } from "./limits.ts";
import { openapiDocument } from "./openapi.ts";
import type { Principal } from "./principal.ts";
import type { Route } from "./route.ts";
import { streamRoutes } from "./streams/routes.ts";
import { readiness } from "./readiness.ts";
import { systemRoutes } from "./system-routes.ts";
import { tokenRoutes } from "./token-routes.ts";
import { createTokens, type Tokens } from "./tokens.ts";

/** What `createApi` takes. */
export interface ApiOptions<
  Sinks extends readonly SinkDefinition[] = readonly SinkDefinition[],
  C extends Catalog | undefined = undefined,
> {
  readonly headgate: Headgate<Sinks, C>;
  /** Where it is mounted, e.g. `/audit-log`. Requests whose path does not begin with it get 404. @default "" */
  readonly basePath?: string;
  /**
   * The host's own session: whose request it is, or undefined for a request without one, which then may bring a bearer
   * token. A change that comes with a session must carry the header `headgate-request: 1`, or be JSON from the same
   * origin: other sites can make a browser send the session's cookie, but not those. For an answer that lasts (live
   * status, an export) it is asked again every 15 s.
   */
  readonly authenticate?: (request: Request) => Promise<Principal | undefined> | Principal | undefined;
  /** Whether bearer tokens, kept in the store, are taken. @default true */
  readonly tokens?: boolean;
  /** Whether customers may name endpoints on plain http and private addresses. The API itself can never allow it. @default false */
  readonly allowInsecureEndpoints?: boolean;
  readonly limits?: Partial<ApiLimits>;
  /** Text for Prometheus, for `/metrics`. @default none: 404 */
  readonly metrics?: () => Promise<{ readonly contentType: string; readonly body: string }>;
  /** Whether `/metrics` is for everybody. @default false: for operators */
  readonly metricsPublic?: boolean;
  /** Throws while requests had better go elsewhere: `/readyz` then says 503. */
  readonly ready?: () => Promise<void>;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** @default silent */
  readonly logger?: Logger;
}

/** Headgate as REST. */
export interface Api {
  /** Answers a request. Never rejects. */
  fetch(request: Request): Promise<Response>;
  readonly tokens: Tokens;
  /** The OpenAPI 3.1 document. */
  readonly openapi: object;
  /** Ends answers that last: live status, exports. The Headgate stays open. */
  close(): Promise<void>;
}

/** Without slashes at its end. A mount that no request's path can begin with would answer 404 to everything. */
function basePathOf(given: string): string {
  const path = given.replace(/\/+$/, "");
  if (path === "" || /^(\/[\w.~!$&'()*+,;=:@%-]+)+$/.test(path)) return path;
  throw new HeadgateError("config_invalid", `The API cannot be mounted at "${given.slice(0, 100)}".`, {
    hint: 'Give the path alone, with a slash before it, e.g. "/audit-log".',
  });
}

/**
 * Makes the API as one fetch handler, to be mounted in any host that knows `Request` and `Response`.
 *
 * @example
 * ```ts
 * const api = createApi({ headgate });
 * const { token } = await api.tokens.create({ name: "first", role: "admin", organization: "org_1" });
 * const response = await api.fetch(
 *   new Request("http://localhost/v1/me", { headers: { authorization: `Bearer ${token}` } }),
 * );
 * ```
 */
export function createApi<Sinks extends readonly SinkDefinition[], C extends Catalog | undefined>(
  options: ApiOptions<Sinks, C>,
): Api {
  const { clock = systemClock, logger = silentLogger, allowInsecureEndpoints = false, metricsPublic = false } = options;
  // Which sinks there are and what the catalog knows is checked when requests come.
  const headgate = options.headgate as unknown as Headgate;
  const basePath = basePathOf(options.basePath ?? "");
  const limits: ApiLimits = { ...defaultLimits, ...options.limits };
  const tokens = createTokens({ headgate, clock });
  const takesTokens = options.tokens ?? true;
  const closing = new AbortController();

  const changes = changeJournal(headgate, { clock, logger });

  const ready = readiness(async () => {
    await headgate.open();
    // One cheap read, which any store that is well answers.
    await headgate.store.cursors.get("headgate:ready");
    await options.ready?.();
  }, clock);

  let document: object = {};
  const routes: readonly Route[] = [
    ...systemRoutes({ metrics: options.metrics, metricsPublic, ready, openapi: () => document }),
    ingestRoute({ headgate, limits, clock }),
    queryRoute(),
    ...streamRoutes,
    ...(takesTokens ? tokenRoutes(tokens) : []),
  ];
  document = openapiDocument(routes, { basePath, tokens: takesTokens });

  const handle = createHandler({
    routes,
    basePath,
    authenticate: authentication({
      session: options.authenticate,
      tokens: takesTokens ? tokens : undefined,
      failuresPerMinute: limits.failuresPerMinute,
      clock,
    }),
    headgate,
    settings: { allowInsecureEndpoints, streamsPerOrganization: limits.streamsPerOrganization },
    changes,
    limits,
    clock,
    logger,
    closing: closing.signal,
  });

  return {
    fetch(request) {
      changes.settleNowAndThen();
      return handle(request);
    },
    tokens,
    openapi: document,
    async close() {
      closing.abort();
    },
  };
}
