import type { Logger, Secret } from "@headgate/core";
import type { HttpReply } from "@headgate/egress";

/** What a request is for; the paths are in {@link hecPaths}. */
export type HecPath = "event" | "ack" | "health";

/** Paths of the collector: https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/http-event-collector-rest-api-endpoints */
export const hecPaths: Readonly<Record<HecPath, string>> = {
  event: "/services/collector/event",
  ack: "/services/collector/ack",
  health: "/services/collector/health",
};

/** A request to the collector. The token is the transport's to add, health apart, which needs none. */
export interface HecRequest {
  /** Base URL, without the collector's own path. */
  readonly endpoint: URL;
  readonly path: HecPath;
  /** Uncompressed. A request with a body, also an empty one, is a POST, one without a GET. */
  readonly body?: Uint8Array;
  /** GUID that acknowledgements are kept by. */
  readonly channel: string;
  /** Value of the `Cookie` header. */
  readonly cookies?: string;
  readonly signal: AbortSignal;
}

/** Brings requests to the collector, and nothing more: what a reply means is decided elsewhere. */
export interface HecTransport extends AsyncDisposable {
  /** Paths that it can reach. */
  readonly paths: readonly HecPath[];
  /** Rejects with the signal's reason, or with an `HttpFailure` where no reply came. Redirects are replies. */
  send(request: HecRequest): Promise<HttpReply>;
}

/** What a transport is made with. */
export interface HecTransportSettings {
  readonly token: Secret;
  readonly compression: "gzip" | "none";
  readonly timeouts: { readonly connectMs: number; readonly requestMs: number; readonly replyMs: number };
  readonly ca: string | undefined;
  /** See `EgressOptions` of `@headgate/egress`. */
  readonly allow: readonly string[];
  readonly insecure: boolean;
  readonly logger: Logger;
}

/** Makes the transport of one sink. Opens nothing yet. */
export interface HecTransportFactory {
  /** Paths that its transports can reach: without `ack` no acknowledgement can be required. */
  readonly paths: readonly HecPath[];
  (settings: HecTransportSettings): HecTransport;
}
