import { type Mapping, secret } from "@headgate/core";
import { endpointUrl } from "@headgate/egress";
import { isHeadgateError } from "@headgate/core";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { SourceToken } from "../sources/index.ts";
import type { ConfigPath } from "./problem.ts";
import type { Report } from "./rules.ts";
import { parseDuration } from "./units.ts";

/** A source that polls an audit log, as the file writes it. */
export interface RawPollSource {
  readonly kind: "github" | "okta";
  readonly organization: string | { readonly from: string };
  readonly mapping?: string;
  readonly api: RawApi;
  readonly every?: string;
  readonly since?: string;
  readonly overlap?: string;
  readonly allow_insecure_endpoint?: boolean;
}

interface RawApi {
  readonly url?: string;
  readonly token?: string;
  readonly token_file?: string;
  readonly ca_file?: string;
  readonly org?: string;
  readonly include?: "all" | "web" | "git";
  readonly phrase?: string;
  readonly token_type?: "ssws" | "bearer";
}

/** A source that polls an audit log; durations in ms. */
export interface PollSourceConfig {
  readonly kind: "github" | "okta";
  readonly organization: string | { readonly from: string };
  readonly mapping?: Mapping;
  readonly api: ApiConfig;
  readonly everyMs: number;
  readonly sinceMs: number;
  readonly overlapMs: number;
  readonly allowInsecureEndpoint: boolean;
}

/** Where the log is, and what of it is read. */
export type ApiConfig = { readonly url: URL; readonly token: SourceToken; readonly ca?: string } & (
  | {
      readonly service: "github";
      readonly org: string;
      readonly include: "all" | "web" | "git";
      readonly phrase?: string;
    }
  | { readonly service: "okta"; readonly tokenType: "ssws" | "bearer" }
);

/** What the file says outside the source. */
export interface PollSurroundings {
  readonly directory: string;
  readonly allowedAddresses: readonly string[];
  readonly allowInsecureEndpoint: boolean;
}

/** Normalises a source that polls. What cannot be used is reported below `at`, and then the source is undefined. */
export function pollSourceConfig(
  raw: RawPollSource,
  mapping: Mapping | undefined,
  around: PollSurroundings,
  at: ConfigPath,
  report: Report,
): PollSourceConfig | undefined {
  const allowInsecureEndpoint = around.allowInsecureEndpoint || raw.allow_insecure_endpoint === true;
  const api = apiConfig(raw, { ...around, allowInsecureEndpoint }, [...at, "api"], report);
  const ms = (key: "every" | "since" | "overlap", otherwise: number): number => {
    const duration = raw[key] === undefined ? otherwise : (parseDuration(raw[key]) as number);
    if (duration <= 0) report([...at, key], "must be more than 0");
    return duration;
  };
  const times = { everyMs: ms("every", 60_000), sinceMs: ms("since", 86_400_000), overlapMs: ms("overlap", 600_000) };
  if (api === undefined) return undefined;
  const { kind, organization } = raw;
  return { kind, organization, ...(mapping && { mapping }), api, ...times, allowInsecureEndpoint };
}

function apiConfig(
  { kind, api }: RawPollSource,
  { directory, allowedAddresses, allowInsecureEndpoint: insecure }: PollSurroundings,
  at: ConfigPath,
  report: Report,
): ApiConfig | undefined {
  let url: URL | undefined;
  try {
    url = endpointUrl(api.url ?? "https://api.github.com", { name: "url", allow: allowedAddresses, insecure });
  } catch (error) {
    if (!isHeadgateError(error)) throw error;
    report([...at, "url"], error.message.replace(/^url /, ""));
  }
  if (api.phrase?.includes("created:") === true)
    report([...at, "phrase"], "must not hold created:, with which Headgate itself asks for what is new");
  const ca =
    api.ca_file === undefined ? undefined : readCa(resolve(directory, api.ca_file), [...at, "ca_file"], report);
  const token: SourceToken =
    api.token_file === undefined ? secret(api.token ?? "") : { file: resolve(directory, api.token_file) };
  if (url === undefined) return undefined;
  const common = { url, token, ...(ca !== undefined && { ca }) };
  if (kind === "okta") return { ...common, service: kind, tokenType: api.token_type ?? "ssws" };
  const { org = "", include = "all", phrase } = api;
  return { ...common, service: kind, org, include, ...(phrase !== undefined && { phrase }) };
}

function readCa(path: string, at: ConfigPath, report: Report): string | undefined {
  try {
    const text = readFileSync(path, "utf8");
    if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
    report(at, `names ${path}, which holds no certificate (PEM)`);
  } catch (error) {
    report(at, `names ${path}, which cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`);
  }
  return undefined;
}
