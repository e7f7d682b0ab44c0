import type { ServerTls } from "../http-listener.ts";
import type { HecToken } from "./model.ts";

/** What the server starts with. */
export interface HecServerOptions {
  readonly tokens: readonly HecToken[];
  /** The server's clock, Unix ms: acknowledgements and idle channels go by it. @default the machine's */
  readonly now?: () => number;
  /** @default false */
  readonly tls?: ServerTls;
  /**
   * `events` keeps events and bodies. `ids` keeps how often each id came, `counts` only how many came: for long runs.
   * @default "events"
   */
  readonly keep?: "events" | "ids" | "counts";
  /**
   * Answers as Splunk Cloud does: a smaller limit, another code for a body over it, and code 28 for a missing channel.
   * @default false
   */
  readonly cloud?: boolean;
  /**
   * Largest body in bytes, as it was sent and decompressed. A longer one is answered 413; by Splunk Cloud 400 with code 6.
   * `max_content_length` of https://docs.splunk.com/Documentation/Splunk/latest/Admin/Limitsconf is 838,860,800; Splunk
   * Cloud was seen to take 5,242,881 bytes and to refuse 6,000,000.
   * @default 838860800, with `cloud` 5242881
   */
  readonly maxContentLength?: number;
  /** Largest decompressed body in bytes, where that is less: what a gzip bomb may fill. @default 100000000 */
  readonly maxInflatedBytes?: number;
  /** `maxEventSize` of https://docs.splunk.com/Documentation/Splunk/latest/Admin/Inputsconf: a longer object is a bad one (code 6). @default 5242880 */
  readonly maxEventBytes?: number;
  /** How long after its arrival a batch is acknowledged, in ms; `never`: it is not. @default 0 */
  readonly ackMs?: number | "never";
  /** `maxIdleTime` of the same page: a channel that was not used for longer is forgotten, in ms. @default 600000 */
  readonly ackIdleMs?: number;
  /** Whether an error gets an `ackId` for the objects before the bad one. @default true */
  readonly ackOnError?: boolean;
  /** Indexers behind the load balancer. Each knows only its own acknowledgements. @default 1 */
  readonly indexers?: number;
  /** Name of the load balancer's cookie, e.g. `AWSELB`. @default none: requests go to the indexers by turns */
  readonly cookie?: string;
}

/** Options with their defaults filled in. */
export type HecSettings = Required<Omit<HecServerOptions, "cookie" | "tokens">> & {
  readonly tokens: HecToken[];
  readonly cookie: string | undefined;
};

/** Fills in the defaults. */
export function hecSettings(options: HecServerOptions): HecSettings {
  const { cloud = false } = options;
  return {
    tokens: [...options.tokens],
    now: options.now ?? Date.now,
    tls: options.tls ?? false,
    keep: options.keep ?? "events",
    cloud,
    maxContentLength: options.maxContentLength ?? (cloud ? 5_242_881 : 838_860_800),
    maxInflatedBytes: options.maxInflatedBytes ?? 100_000_000,
    maxEventBytes: options.maxEventBytes ?? 5_242_880,
    ackMs: options.ackMs ?? 0,
    ackIdleMs: options.ackIdleMs ?? 600_000,
    ackOnError: options.ackOnError ?? true,
    indexers: options.indexers ?? 1,
    cookie: options.cookie,
  };
}
