import type { Secret } from "@headgate/core";
import type { LogsTransportFactory } from "./transport.ts";

/** Options of a Datadog stream in code. In files the same in snake_case: see `datadogOptionsSchema`. */
export interface DatadogSinkOptions {
  /** The site of the account, e.g. `datadoghq.eu`: one of `datadogSites`. Required unless `url` is given. */
  readonly site?: string;
  /** Base URL of an intake of another name: a proxy, a private link. `/api/v2/logs` is put after it. @default the site's intake */
  readonly url?: string;
  /** Base URL of the API that `verify` asks about the key. @default `https://api.<site>`; with `url` none */
  readonly apiUrl?: string;
  /** An API key, not an application key. It belongs to one site. */
  readonly apiKey: Secret;
  /** @default "headgate" */
  readonly service?: string;
  /** What pipelines are chosen by (`ddsource`). @default "headgate" */
  readonly source?: string;
  /** @default none: Datadog shows no host */
  readonly hostname?: string;
  /** Tags beside `organization` and `stream`, which every log has. 97 at most. */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * What becomes of an event that is older than Datadog keeps (18 h), or further ahead (2 h). `quarantine`: it is not
   * sent. `restamp`: it is sent with the present time and the tag `restamped:true`; its own time stays in `audit.occurred_at`.
   * @default "quarantine"
   */
  readonly stale?: "quarantine" | "restamp";
  /** @default "gzip" */
  readonly compression?: "gzip" | "none";
  /** PEM of certificates to trust beside the usual ones. In files: `ca_file`, a path. */
  readonly ca?: string;
  readonly timeouts?: DatadogTimeouts;
  /**
   * Allows plain http and loopback or private addresses for `url` and `apiUrl`. The operator's decision, never a
   * customer's: the schema does not know it, and `fromConfig` alone sets it. @default false
   */
  readonly allowInsecureEndpoint?: boolean;
}

/** Time limits, in milliseconds. */
export interface DatadogTimeouts {
  /** To connect, TLS included. @default 10000 */
  readonly connectMs?: number;
  /** From then until the reply begins: the upload counts. @default 60000 */
  readonly requestMs?: number;
}

/** What the operator of the process decides for all Datadog streams, in code. */
export interface DatadogOperatorOptions {
  /** Allows plain http and any address, for every stream. @default false */
  readonly allowInsecureEndpoint?: boolean;
  /** Private addresses and ranges, e.g. `10.20.0.0/16`, that endpoints may lead to, by https. @default none */
  readonly allowedAddresses?: readonly string[];
  /** What requests go through. @default `httpLogsTransport` */
  readonly transport?: LogsTransportFactory;
}
