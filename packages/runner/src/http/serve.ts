import type { Logger } from "@headgate/core";
import type { Metrics } from "@headgate/telemetry";
import type { OidcIssuer } from "@headgate/oidc";
import type { HttpConfig } from "../config/service-config.ts";
import type { RunnerHeadgate } from "../embedded.ts";
import { type HttpServer, startServer } from "./server.ts";
import { httpService } from "./service.ts";

/** What is served of a runner. */
export interface ServeOptions {
  readonly config: HttpConfig;
  readonly headgate: RunnerHeadgate;
  /** Closed with the server. */
  readonly metrics: Metrics;
  /** Whether customers may name endpoints on plain http and private addresses. */
  readonly allowInsecureEndpoints: boolean;
  /** Its documents are served to everybody. */
  readonly oidc: OidcIssuer | undefined;
  readonly logger: Logger;
}

/** Serves API, console and metrics. @throws `config_invalid`, `file_unreadable` */
export async function serve(options: ServeOptions): Promise<HttpServer> {
  const { config, headgate, metrics, allowInsecureEndpoints, oidc, logger } = options;
  const { console, metricsPublic, limits } = config;
  const service = httpService({
    headgate,
    console,
    metricsPublic,
    limits,
    allowInsecureEndpoints,
    metrics,
    oidc,
    logger,
  });
  // A proxy that passes the issuer's requests on may keep their name.
  const named = oidc === undefined ? config : { ...config, otherNames: [new URL(oidc.issuer).hostname] };
  const server = await startServer((request) => service.fetch(request), named, logger);
  const close = async (deadlineMs: number): Promise<void> => {
    const closed = server.close(deadlineMs);
    metrics.close();
    await service.close();
    await closed;
  };
  return { url: server.url, close, [Symbol.asyncDispose]: () => close(0) };
}
