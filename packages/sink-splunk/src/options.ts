import type { Secret } from "@headgate/core";
import type { HecTransportFactory } from "./transport.ts";

/** Options of a Splunk stream in code. In files and over the API the same in snake_case: see `splunkOptionsSchema`. */
export interface SplunkSinkOptions {
  /**
   * Base URL of the HTTP Event Collector, e.g. `https://hec.acme.example:8088`. Of several the first is used, and the
   * others while it is down. A path of the collector's own at the end, such as `/services/collector`, may stand there.
   */
  readonly url: string | readonly string[];
  /** The collector's token, without the word `Splunk`. */
  readonly token: Secret;
  /** Index that the events go to. @default the token's own */
  readonly index?: string;
  /** `host` of every event in Splunk. @default "headgate" */
  readonly host?: string;
  /** `source` of every event in Splunk. @default "headgate:" and the stream's id */
  readonly source?: string;
  /** `sourcetype` of every event in Splunk. Give it a TRUNCATE of its own there. @default "headgate:audit" */
  readonly sourcetype?: string;
  /**
   * Whether events count as delivered once an indexer confirms them (indexer acknowledgement): `auto` where the token is
   * set up for it, `required` or not at all, `off` never. @default "auto"
   */
  readonly acknowledge?: "auto" | "required" | "off";
  /** PEM of certificates to trust beside the usual ones. In files `ca_file`, a path. */
  readonly ca?: string;
  /** @default "gzip" */
  readonly compression?: "gzip" | "none";
  /** Largest body of a request before compression, in bytes; 1,000 to 5,000,000. @default 1_000_000 */
  readonly maxBytes?: number;
  /** Most events of a request. @default 1000 */
  readonly maxEvents?: number;
  /** Largest event with its envelope, in bytes; a larger one goes to quarantine. @default `maxBytes` */
  readonly maxEventBytes?: number;
  readonly timeouts?: SplunkTimeouts;
  /**
   * Allows plain http and loopback or private addresses for `url`. The operator's decision, never a customer's: the
   * schema does not know it, and `fromConfig` alone sets it. @default false
   */
  readonly allowInsecureEndpoint?: boolean;
}

/** Time limits, in milliseconds. */
export interface SplunkTimeouts {
  /** To connect, TLS included. @default 10_000 */
  readonly connectMs?: number;
  /** From then until the reply begins: sending the body counts. @default 60_000 */
  readonly requestMs?: number;
  /** From the reply until an indexer confirms. Splunk's own client for Kafka waits 300,000. @default 120_000 */
  readonly ackMs?: number;
}

/** What the operator of the process decides for all Splunk streams, in code. */
export interface SplunkOperatorOptions {
  /** Private addresses and ranges, e.g. `10.20.0.0/16`, that endpoints may lead to, by https. @default none */
  readonly allowedAddresses?: readonly string[];
  /** Allows plain http and loopback or private addresses as endpoints, for every stream. @default false */
  readonly allowInsecureEndpoint?: boolean;
  /** How requests are made. @default the sink's own transport */
  readonly transport?: HecTransportFactory;
}
