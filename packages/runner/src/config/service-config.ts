import { createHash } from "node:crypto";
import { type ApiLimits, defaultLimits } from "@headgate/api";
import { resolve } from "node:path";
import { type AlertSettings, type DigestSignerOptions, type Secret, secret } from "@headgate/core";
import { isIP } from "node:net";
import { parseDuration } from "./units.ts";

/** What is served, and where. */
export interface HttpConfig {
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** Where people reach it, without a slash at the end. */
  readonly baseUrl?: string;
  /** PEM files, by absolute path. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  readonly behindProxy: boolean;
  /** Under which it may be asked besides. @default none */
  readonly otherNames?: readonly string[];
  readonly console: boolean;
  readonly metricsPublic: boolean;
  /** @default the API's own */
  readonly limits?: Pick<ApiLimits, "requestsPerMinute" | "appendsPerMinute">;
}

/** Keys of the vault by their id; `current` seals. */
export interface SecretsConfig {
  readonly keys: Readonly<Record<string, Secret>>;
  readonly current: string;
}

/** What signs digests, and how often they are made. */
export interface DigestsConfig {
  readonly signer: DigestSignerOptions;
  readonly everyMs?: number;
}

/** When alerts open, and who is told. */
export interface AlertsConfig {
  readonly settings: Partial<AlertSettings>;
  readonly auditLog: boolean;
  readonly channels: readonly ChannelConfig[];
}

interface ChannelBase {
  readonly name: string;
  readonly organizations?: readonly string[];
  readonly allowInsecureEndpoint: boolean;
}

/** Who is told of alerts. */
export type ChannelConfig =
  | (ChannelBase & { readonly kind: "webhook"; readonly url: string; readonly secrets: readonly Secret[] })
  | (ChannelBase & { readonly kind: "slack"; readonly url: Secret })
  | (ChannelBase & {
      readonly kind: "smtp";
      readonly host: string;
      readonly port: number;
      readonly tls: "implicit" | "starttls";
      readonly username?: string;
      readonly password?: Secret;
      readonly from: string;
      readonly to: readonly string[];
    });

/** `http` as the file writes it. */
export interface RawHttp {
  readonly listen?: string;
  readonly base_url?: string;
  readonly tls?: { readonly cert_file: string; readonly key_file: string };
  readonly behind_proxy?: boolean;
  readonly console?: boolean;
  readonly metrics_public?: boolean;
  readonly requests_per_minute?: number;
  readonly appends_per_minute?: number;
}

interface RawChannelBase {
  readonly name?: string;
  readonly organizations?: readonly string[];
  readonly allow_insecure_endpoint?: boolean;
}

/** A channel as the file writes it. */
export type RawChannel =
  | (RawChannelBase & { readonly kind: "webhook"; readonly url: string; readonly secret: string | readonly string[] })
  | (RawChannelBase & { readonly kind: "slack"; readonly url: string })
  | (RawChannelBase & {
      readonly kind: "smtp";
      readonly host: string;
      readonly port?: number;
      readonly tls?: "implicit" | "starttls";
      readonly username?: string;
      readonly password?: string;
      readonly from: string;
      readonly to: readonly string[];
    });

/** `alerts` as the file writes it. */
export interface RawAlerts {
  readonly every?: string;
  readonly lagging?: string;
  readonly quiet?: string;
  readonly reminders?: readonly string[];
  readonly loss_share?: number;
  readonly keep?: string;
  readonly audit_log?: boolean;
  readonly channels?: readonly RawChannel[];
}

/** Where the runner listens when nothing else is said. */
export const defaultListen = "127.0.0.1:8686";

/** `127.0.0.1:8686`, `[::1]:8686`, `localhost:8686` as host and port; undefined where it is none of these. */
export function parseListen(text: string): { readonly host: string; readonly port: number } | undefined {
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text);
  const [, six, other, digits] = parts ?? [];
  const [host, port] = [six ?? other, Number(digits)];
  if (host === undefined || port > 65_535 || (six !== undefined && isIP(six) !== 6)) return undefined;
  return { host, port };
}

/** Whether only this machine can reach what listens there. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** Whether a vault takes the key. */
export function isVaultKey(text: string): boolean {
  const trimmed = text.trim();
  return /^[0-9a-f]{64}$/i.test(trimmed) || /^[A-Za-z0-9+/]{43}=?$/.test(trimmed);
}

/** Normalises `http`, which the rules have looked at. */
export function httpConfig(raw: RawHttp, directory: string): HttpConfig {
  const { host, port } = parseListen(raw.listen ?? defaultListen) ?? { host: "127.0.0.1", port: 0 };
  return {
    host,
    port,
    ...(raw.base_url !== undefined && { baseUrl: raw.base_url.replace(/\/$/, "") }),
    ...(raw.tls !== undefined && {
      tls: { certFile: resolve(directory, raw.tls.cert_file), keyFile: resolve(directory, raw.tls.key_file) },
    }),
    behindProxy: raw.behind_proxy === true,
    console: raw.console !== false,
    metricsPublic: raw.metrics_public === true,
    limits: {
      requestsPerMinute: raw.requests_per_minute ?? defaultLimits.requestsPerMinute,
      appendsPerMinute: raw.appends_per_minute ?? defaultLimits.appendsPerMinute,
    },
  };
}

/** Names each key by what it is, so that an older one is found whatever its place in the file. */
export function secretsConfig(raw: {
  readonly key: string;
  readonly previous_keys?: readonly string[];
}): SecretsConfig {
  const keys = [raw.key, ...(raw.previous_keys ?? [])].map((key) => [keyId(key), secret(key.trim())] as const);
  return { keys: Object.fromEntries(keys), current: keyId(raw.key) };
}

/** A short print of a random key of 32 bytes, which tells nothing of it. */
function keyId(key: string): string {
  return createHash("sha256").update(`headgate secrets key ${key.trim()}`).digest("hex").slice(0, 12);
}

/** Normalises `digests`. */
export function digestsConfig(raw: {
  readonly key: string;
  readonly every?: string;
  readonly retired_keys?: readonly string[];
}): DigestsConfig {
  return {
    signer: { key: secret(raw.key), retired: (raw.retired_keys ?? []).map((text) => secret(text)) },
    ...(raw.every !== undefined && { everyMs: parseDuration(raw.every) as number }),
  };
}

/** Normalises `alerts`. */
export function alertsConfig(raw: RawAlerts): AlertsConfig {
  const ms = (text: string): number => parseDuration(text) as number;
  return {
    settings: {
      ...(raw.every !== undefined && { everyMs: ms(raw.every) }),
      ...(raw.lagging !== undefined && { laggingMs: ms(raw.lagging) }),
      ...(raw.quiet !== undefined && { quietMs: ms(raw.quiet) }),
      ...(raw.reminders !== undefined && { remindersMs: raw.reminders.map(ms) }),
      ...(raw.loss_share !== undefined && { lossShare: raw.loss_share }),
      ...(raw.keep !== undefined && { keepMs: ms(raw.keep) }),
    },
    auditLog: raw.audit_log !== false,
    channels: (raw.channels ?? []).map(channelConfig),
  };
}

/** Its name, or the kind and its place in the list. */
export function channelName({ name, kind }: RawChannel, index: number): string {
  return name ?? `${kind}-${index + 1}`;
}

function channelConfig(raw: RawChannel, index: number): ChannelConfig {
  const base: ChannelBase = {
    name: channelName(raw, index),
    ...(raw.organizations !== undefined && { organizations: raw.organizations }),
    allowInsecureEndpoint: raw.allow_insecure_endpoint === true,
  };
  if (raw.kind === "webhook") {
    const given = typeof raw.secret === "string" ? [raw.secret] : raw.secret;
    return { ...base, kind: "webhook", url: raw.url, secrets: given.map((text) => secret(text)) };
  }
  if (raw.kind === "slack") return { ...base, kind: "slack", url: secret(raw.url) };
  const tls = raw.tls ?? "starttls";
  return {
    ...base,
    kind: "smtp",
    host: raw.host,
    port: raw.port ?? (tls === "implicit" ? 465 : 587),
    tls,
    ...(raw.username !== undefined && { username: raw.username }),
    ...(raw.password !== undefined && { password: secret(raw.password) }),
    from: raw.from,
    to: raw.to,
  };
}
