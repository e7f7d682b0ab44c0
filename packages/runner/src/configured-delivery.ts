import {
  aesVault,
  type AlertChannel,
  type Catalog,
  digestSigner,
  type HeadgateOptions,
  hmacPseudonyms,
  type Logger,
} from "@headgate/core";
import { alertOptions } from "./alert-options.ts";
import type { RunnerConfig } from "./config/config.ts";
import type { builtInSinks, SinkOperator } from "./sinks.ts";

/** All that a configuration says of how its streams are delivered. `measured` wraps each channel of its alerts. */
export async function configuredDelivery(
  config: RunnerConfig,
  logger: Logger,
  measured?: (channel: AlertChannel) => AlertChannel,
): Promise<Omit<HeadgateOptions<typeof builtInSinks, Catalog>, "store" | "sinks"> & SinkOperator> {
  return {
    allowedAddresses: config.allowedAddresses,
    ...(config.awsPrincipal !== undefined && { awsPrincipal: config.awsPrincipal }),
    ...(config.oidc !== undefined && { oidc: config.oidc }),
    ...(config.s3Endpoints !== undefined && { s3Endpoints: config.s3Endpoints }),
    ...(config.secrets !== undefined && { vault: aesVault(config.secrets) }),
    ...(config.pseudonyms !== undefined && { pseudonyms: hmacPseudonyms(config.pseudonyms) }),
    ...(config.digests !== undefined && {
      digests: { ...config.digests, signer: digestSigner(config.digests.signer) },
    }),
    alerts: await alertOptions(config.alerts, config.allowedAddresses, measured),
    ...(config.catalog !== undefined && { catalog: config.catalog }),
    unknownActions: config.unknownActions,
    ...(config.retentionMs !== undefined && { retentionMs: config.retentionMs }),
    delivery: config.delivery,
    logger,
  };
}
