import type { Catalog, DeliverySettings, FlushPolicy, Mapping, Secret, Shape } from "@headgate/core";
import type { OidcIssuer } from "@headgate/oidc";
import type { RawOidc } from "./oidc-config.ts";
import type { PollSourceConfig, RawPollSource } from "./poll-config.ts";
import type { AlertsConfig, DigestsConfig, HttpConfig, RawAlerts, RawHttp, SecretsConfig } from "./service-config.ts";

/** A configuration, read, checked and normalised: durations in ms, sizes in bytes, paths absolute. */
export interface RunnerConfig {
  /** The file that it came from. */
  readonly file: string;
  readonly store: StoreConfig;
  readonly sources: readonly SourceConfig[];
  readonly streams: readonly StreamConfig[];
  /** Private addresses and ranges that endpoints may lead to. */
  readonly allowedAddresses: readonly string[];
  readonly delivery: Partial<
    Pick<
      DeliverySettings,
      | "concurrency"
      | "perHost"
      | "memoryBytes"
      | "retry"
      | "leaseTtlMs"
      | "disconnectAfterMs"
      | "giveUpAfterMs"
      | "giveUpPaused"
    >
  >;
  /** What is served; undefined: nothing. */
  readonly http?: HttpConfig;
  readonly secrets?: SecretsConfig;
  /** Keys that privacy rules hash with. */
  readonly pseudonyms?: SecretsConfig;
  readonly digests?: DigestsConfig;
  readonly alerts?: AlertsConfig;
  /** The platform as OIDC issuer; undefined: it is none. */
  readonly oidc?: OidcIssuer;
  /** Whom the roles of customers are to trust, as an ARN. */
  readonly awsPrincipal?: string;
  /** See `SinkOperator`. */
  readonly s3Endpoints?: "any" | readonly string[];
  /** Whether every stream may use plain http, and loopback and private addresses. */
  readonly allowInsecureEndpoint: boolean;
  readonly retentionMs?: number;
  readonly catalog?: Catalog;
  readonly unknownActions: "allow" | "warn" | "refuse";
  readonly log: LogConfig;
  /** What is accepted and deserves a look; shown once at start. */
  readonly warnings: readonly string[];
}

/** Which store to open. */
export type StoreConfig =
  /** `markPath` is absolute too. */
  | { readonly kind: "sqlite"; readonly path: string; readonly markPath?: string }
  | PostgresConfig
  | { readonly kind: "memory" };

/** A store in a PostgreSQL database. */
export interface PostgresConfig {
  readonly kind: "postgres";
  readonly url: Secret;
  readonly listenUrl?: Secret;
  readonly schema?: string;
  /** Absolute. */
  readonly caFile?: string;
  readonly maxConnections?: number;
  readonly allowInsecureConnection: boolean;
}

/** One source. */
export type SourceConfig = FileSourceConfig | PollSourceConfig;

/** A source of files. */
export interface FileSourceConfig {
  readonly kind: "file";
  /** Absolute, or `-` for standard input. */
  readonly path: string;
  /** One organization, or the path in each record that names it. */
  readonly organization: string | { readonly from: string };
  readonly mapping?: Mapping;
  readonly follow: boolean;
}

/** One stream, its options turned into what the sink's factory takes. They may hold `Secret` values. */
export interface StreamConfig {
  readonly id: string;
  readonly name?: string;
  readonly organization: string;
  readonly sink: string;
  readonly options: object;
  readonly flush?: Partial<FlushPolicy>;
  readonly shape?: Shape;
  readonly from: "start" | "now";
  readonly sharedRole?: boolean;
}

/** Logging. Without a format it is pretty on a terminal and JSON elsewhere. */
export interface LogConfig {
  readonly level: "debug" | "info" | "warn" | "error" | "silent";
  readonly format?: "json" | "pretty";
}

/** A configuration as the schema lets it through: snake_case, units as text. */
export interface RawConfig {
  readonly store: {
    readonly kind: "sqlite" | "postgres" | "nats" | "memory";
    readonly path?: string;
    readonly mark?: string;
    readonly url?: string;
    readonly listen_url?: string;
    readonly schema?: string;
    readonly ca_file?: string;
    readonly max_connections?: number;
    readonly allow_insecure_connection?: boolean;
  };
  readonly http?: RawHttp;
  readonly secrets?: { readonly key: string; readonly previous_keys?: readonly string[] };
  readonly pseudonyms?: { readonly key: string; readonly previous_keys?: readonly string[] };
  readonly digests?: { readonly key: string; readonly every?: string; readonly retired_keys?: readonly string[] };
  readonly oidc?: RawOidc;
  readonly platform?: { readonly aws_principal?: string; readonly s3_endpoints?: readonly string[] };
  readonly alerts?: RawAlerts;
  readonly sources?: readonly RawSource[];
  readonly streams?: readonly RawStream[];
  readonly delivery?: {
    readonly concurrency?: number;
    readonly per_host?: number;
    readonly memory?: string;
    readonly retry_base?: string;
    readonly retry_cap?: string;
    readonly blocked_probe?: string;
    readonly disconnect_after?: string;
    readonly give_up_after?: string;
    readonly give_up_paused?: boolean;
    readonly lease_ttl?: string;
  };
  readonly retention?: string;
  readonly catalog?: string;
  readonly unknown_actions?: "allow" | "warn" | "refuse";
  readonly allow_insecure_endpoint?: boolean;
  readonly allowed_addresses?: readonly string[];
  readonly log?: { readonly level?: LogConfig["level"]; readonly format?: "json" | "pretty" };
}

/** A source as the file writes it. */
export type RawSource = RawFileSource | RawPollSource;

/** A source of files as the file writes it. */
export interface RawFileSource {
  readonly kind: "file";
  readonly path: string;
  readonly organization: string | { readonly from: string };
  readonly mapping?: string;
  readonly follow?: boolean;
}

/** A stream as the file writes it. */
export interface RawStream {
  readonly id: string;
  readonly name?: string;
  readonly organization: string;
  readonly sink: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly flush?: { readonly max_age?: string; readonly max_bytes?: string; readonly max_events?: number };
  readonly filter?: Shape["filter"];
  readonly privacy?: Shape["privacy"];
  readonly format?: string;
  readonly from?: "start" | "now";
  readonly shared_role?: boolean;
  readonly allow_insecure_endpoint?: boolean;
}
