import type { SinkDefinition } from "@headgate/core";
import { fileSink } from "@headgate/sink-file";
import { datadogSink } from "@headgate/sink-datadog";
import type { OidcIssuer } from "@headgate/oidc";
import { s3Sink } from "@headgate/sink-s3";
import { splunkSink } from "@headgate/sink-splunk";

/** What the operator says to all sinks. */
export interface SinkOperator {
  /** Private addresses and ranges that endpoints may lead to. */
  readonly allowedAddresses?: readonly string[];
  /** Whom the roles of customers are to trust, as an ARN. */
  readonly awsPrincipal?: string;
  /** The platform as OIDC issuer, for `web_identity` streams. */
  readonly oidc?: OidcIssuer;
  /** S3-compatible servers that customers may name. @default none */
  readonly s3Endpoints?: "any" | readonly string[];
}

/** Every kind of destination that a configuration file can name, by its `sink:`. */
export function runnerSinks({
  allowedAddresses = [],
  awsPrincipal,
  oidc,
  s3Endpoints = [],
}: SinkOperator = {}): readonly SinkDefinition[] {
  const operator = { allowedAddresses };
  const principal = awsPrincipal === undefined ? {} : { platformPrincipal: awsPrincipal };
  return [
    s3Sink({
      ...operator,
      ...principal,
      ...(oidc !== undefined && { webIdentity: oidc }),
      customerEndpoints: s3Endpoints,
    }),
    splunkSink(operator),
    datadogSink(operator),
    fileSink(),
  ] as readonly SinkDefinition[];
}

/** The same, with public addresses alone: for what connects to nothing. */
export const builtInSinks: readonly SinkDefinition[] = runnerSinks();
