import { type ApiLimits, createApi, type Tokens } from "@headgate/api";
import { siteFiles, siteHeaders } from "@headgate/console/site";
import type { Catalog, Headgate, Logger, SinkDefinition } from "@headgate/core";
import type { OidcIssuer } from "@headgate/oidc";
import { serveSite } from "./site.ts";

/** What is served. */
export interface HttpServiceOptions<C extends Catalog | undefined> {
  readonly headgate: Headgate<readonly SinkDefinition[], C>;
  /** Whether the console is served beside the API. */
  readonly console: boolean;
  readonly metricsPublic: boolean;
  /** Whether customers may name endpoints on plain http and private addresses. */
  readonly allowInsecureEndpoints: boolean;
  readonly limits?: Partial<ApiLimits> | undefined;
  readonly metrics: { body(): Promise<{ contentType: string; body: string }> } | undefined;
  /** Its documents are served to everybody. */
  readonly oidc?: OidcIssuer | undefined;
  readonly logger: Logger;
}

/** API and console behind one fetch handler. */
export interface HttpService {
  fetch(request: Request): Promise<Response>;
  readonly tokens: Tokens;
  /** Ends answers that have no end, such as live status. */
  close(): Promise<void>;
}

/** Puts API and console together: the console's own files by their names, and all else is the API's. */
export function httpService<C extends Catalog | undefined>(options: HttpServiceOptions<C>): HttpService {
  const { headgate, metricsPublic, allowInsecureEndpoints, limits, metrics, oidc, logger } = options;
  const api = createApi({
    headgate,
    allowInsecureEndpoints,
    metricsPublic,
    ...(limits && { limits }),
    ...(metrics !== undefined && { metrics: () => metrics.body() }),
    logger,
  });
  const site = options.console ? { files: siteFiles(), headers: siteHeaders } : undefined;
  return {
    fetch: async (request) => {
      if (oidc?.paths.includes(new URL(request.url).pathname) === true) return await oidc.fetch(request);
      return (site === undefined ? undefined : serveSite(site, request)) ?? (await api.fetch(request));
    },
    tokens: api.tokens,
    close: () => api.close(),
  };
}
