import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  type Catalog,
  compileMapping,
  defaultRetryPolicy,
  defineCatalog,
  isHeadgateError,
  type Mapping,
  secret,
  type SinkDefinition,
} from "@headgate/core";
import { catalogSchema } from "./catalog-schema.ts";
import { checkAgainst } from "./check.ts";
import type {
  RawConfig,
  RawSource,
  RawStream,
  RunnerConfig,
  SourceConfig,
  StoreConfig,
  StreamConfig,
} from "./config.ts";
import { type ConfigDocument, readDocument } from "./document.ts";
import { interpolate } from "./interpolate.ts";
import { ConfigError, type ConfigPath, type ConfigProblem, pathText } from "./problem.ts";
import { configuredIssuer } from "./oidc-config.ts";
import { pollSourceConfig } from "./poll-config.ts";
import { type Report, rules } from "./rules.ts";
import { configSchema } from "./schema.ts";
import { alertsConfig, digestsConfig, httpConfig, secretsConfig } from "./service-config.ts";
import { parseDuration, parseSize } from "./units.ts";

/** What loading a configuration needs from outside. */
export interface LoadInput {
  readonly sinks: readonly SinkDefinition[];
  /** For `${env:NAME}`. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /**
   * `all` reads everything. `setup` reads what setting streams up needs, `store` reads what finds the store, and `journal` what decides on events as well, and
   * nothing else: looking at a store, or appending to it, needs none of the streams' secrets. `secrets` reads what finds
   * the store and what opens the secrets in it. @default "all"
   */
  readonly scope?: keyof typeof scopes;
}

const scopes = {
  all: undefined,
  journal: ["store", "catalog", "unknown_actions"],
  store: ["store", "platform", "allowed_addresses", "allow_insecure_endpoint"],
  secrets: ["store", "secrets"],
  setup: ["store", "platform", "oidc", "http", "allowed_addresses", "allow_insecure_endpoint"],
} as const;

/**
 * Reads a configuration file: syntax, then interpolation and schema together, then the rules that need more than one
 * value. Each stage lists all that it finds.
 * @throws {@link ConfigError}
 *
 * @example
 * ```ts
 * const config = loadConfig("headgate.yaml", { sinks: [s3Sink(), fileSink()] });
 * ```
 */
export function loadConfig(file: string, input: LoadInput): RunnerConfig {
  const document = readDocument(file);
  const directory = dirname(resolve(file));
  const environment = input.environment ?? process.env;
  const sections: readonly string[] | undefined = scopes[input.scope ?? "all"];
  const inScope = ({ path }: ConfigProblem): boolean =>
    sections === undefined || path === "" || sections.includes(path.split(/[.[]/)[0] ?? "");

  const { value, problems: unresolved } = interpolate(document.value, {
    environment,
    directory,
    line: (path) => document.line(path),
  });
  const schema = configSchema(input.sinks);
  const missing = new Set(unresolved.map(({ path }) => path));
  const departures = checkAgainst(schema, value)
    .map((departure) => located(document, departure.path, departure.message, departure.atKey))
    // What could not be replaced is one problem, not two.
    .filter(({ path }) => !missing.has(path));
  const first = [...unresolved, ...departures].filter(inScope);
  if (first.length > 0) throw new ConfigError(file, inOrder(first));

  const raw = value as RawConfig;
  const problems: ConfigProblem[] = [];
  const report: Report = (path, message) => {
    problems.push(located(document, path, message, false));
  };
  const all = sections === undefined;
  // Outside the sections there may be anything: it was not checked.
  const checked = all
    ? raw
    : (Object.fromEntries(Object.entries(raw).filter(([key]) => sections.includes(key))) as unknown as RawConfig);
  for (const rule of rules) rule(checked, report);
  const sources = (checked.sources ?? []).flatMap((source, index) =>
    readSource(directory, checked, source, index, report),
  );
  const catalog =
    raw.catalog === undefined || sections?.includes("catalog") === false
      ? undefined
      : readCatalog(resolve(directory, raw.catalog), report);
  const streams = readStreams(directory, checked, input.sinks, report);
  if (problems.length > 0) throw new ConfigError(file, inOrder(problems));
  return normalise(file, directory, checked, sources, streams, catalog);
}

function located(document: ConfigDocument, path: ConfigPath, message: string, atKey: boolean): ConfigProblem {
  const line = document.line(path, atKey);
  return { path: pathText(path), message, ...(line === undefined ? {} : { line }) };
}

function inOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function readSource(
  directory: string,
  raw: RawConfig,
  source: RawSource,
  index: number,
  report: Report,
): readonly SourceConfig[] {
  const at: ConfigPath = ["sources", index];
  const mapping =
    source.mapping === undefined
      ? undefined
      : readMapping(resolve(directory, source.mapping), [...at, "mapping"], report);
  if (source.kind !== "file") {
    const allowInsecureEndpoint = raw.allow_insecure_endpoint === true;
    const around = { directory, allowInsecureEndpoint, allowedAddresses: raw.allowed_addresses ?? [] };
    const config = pollSourceConfig(source, mapping, around, at, report);
    return config === undefined ? [] : [config];
  }
  return [
    {
      kind: "file",
      path: source.path === "-" ? "-" : resolve(directory, source.path),
      organization: source.organization,
      ...(mapping === undefined ? {} : { mapping }),
      follow: source.follow === true,
    },
  ];
}

/** Reads and compiles a mapping file. What is wrong with it is reported at `path`. */
export function readMapping(file: string, path: ConfigPath, report: Report): Mapping | undefined {
  const document = readNamed(file, path, report);
  if (document === undefined) return undefined;
  try {
    return compileMapping(document.value, file);
  } catch (error) {
    if (!isHeadgateError(error, "mapping_invalid")) throw error;
    report(path, `names a mapping with a mistake. ${error.message}`);
    return undefined;
  }
}

function readNamed(file: string, path: ConfigPath, report: Report): ConfigDocument | undefined {
  try {
    return readDocument(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const { message, line } of error.problems) {
      report(
        path,
        `names ${file}, which ${message.replace("; name the file with -c FILE", "")}${line === undefined ? "" : ` (line ${line})`}`,
      );
    }
    return undefined;
  }
}

function readCatalog(file: string, report: Report): Catalog | undefined {
  const document = readNamed(file, ["catalog"], report);
  if (document === undefined) return undefined;
  const departures = checkAgainst(catalogSchema, document.value);
  for (const { path, message } of departures)
    report(["catalog"], `names ${file}, where ${pathText(path) || "the file"} ${message}`);
  return departures.length > 0 ? undefined : defineCatalog(document.value as Parameters<typeof defineCatalog>[0]);
}

function readStreams(
  directory: string,
  raw: RawConfig,
  sinks: readonly SinkDefinition[],
  report: Report,
): readonly StreamConfig[] {
  const definitions = new Map(sinks.map((sink) => [sink.type, sink]));
  return (raw.streams ?? []).flatMap((stream, index): readonly StreamConfig[] => {
    const { allow_insecure_endpoint: own, ...rest } = stream.options;
    const allowInsecureEndpoint =
      raw.allow_insecure_endpoint === true || stream.allow_insecure_endpoint === true || own === true;
    const { max_age: age, max_bytes: size, max_events: events } = stream.flush ?? {};
    try {
      const options =
        definitions
          .get(stream.sink)
          ?.fromConfig(rest, { allowInsecureEndpoint, directory, allowedAddresses: raw.allowed_addresses ?? [] }) ?? {};
      return [
        {
          id: stream.id,
          ...(stream.name === undefined ? {} : { name: stream.name }),
          organization: stream.organization,
          sink: stream.sink,
          options,
          ...(stream.flush === undefined
            ? {}
            : {
                flush: {
                  ...(age === undefined ? {} : { maxAgeMs: parseDuration(age) as number }),
                  ...(size === undefined ? {} : { maxBytes: parseSize(size) as number }),
                  ...(events === undefined ? {} : { maxEvents: events }),
                },
              }),
          ...shapeOf(stream),
          from: stream.from ?? "start",
          ...(stream.shared_role === undefined ? {} : { sharedRole: stream.shared_role }),
        },
      ];
    } catch (error) {
      if (!isHeadgateError(error)) throw error;
      report(["streams", index, "options"], `${error.message}${error.hint === undefined ? "" : ` ${error.hint}`}`);
      return [];
    }
  });
}

function shapeOf({ filter, privacy, format }: RawStream): Pick<StreamConfig, "shape"> {
  const shape = { ...(filter && { filter }), ...(privacy && { privacy }), ...(format !== undefined && { format }) };
  return Object.keys(shape).length === 0 ? {} : { shape };
}

function normalise(
  file: string,
  directory: string,
  raw: RawConfig,
  sources: readonly SourceConfig[],
  streams: readonly StreamConfig[],
  catalog: Catalog | undefined,
): RunnerConfig {
  const warnings: string[] = [];
  for (const source of sources)
    if (source.kind === "file" && source.path !== "-" && !source.follow && !exists(source.path))
      warnings.push(`the source ${source.path} does not exist yet`);
  return {
    file,
    store: storeConfig(raw.store, directory),
    sources,
    streams,
    allowedAddresses: raw.allowed_addresses ?? [],
    allowInsecureEndpoint: raw.allow_insecure_endpoint === true,
    ...(raw.http === undefined ? {} : { http: httpConfig(raw.http, directory) }),
    ...(raw.secrets === undefined ? {} : { secrets: secretsConfig(raw.secrets) }),
    ...(raw.pseudonyms === undefined ? {} : { pseudonyms: secretsConfig(raw.pseudonyms) }),
    ...(raw.digests === undefined ? {} : { digests: digestsConfig(raw.digests) }),
    ...(raw.alerts === undefined ? {} : { alerts: alertsConfig(raw.alerts) }),
    ...(raw.oidc === undefined ? {} : { oidc: configuredIssuer(raw.oidc) }),
    ...(raw.platform?.aws_principal === undefined ? {} : { awsPrincipal: raw.platform.aws_principal }),
    s3Endpoints: raw.platform?.s3_endpoints ?? (raw.allow_insecure_endpoint === true ? "any" : []),
    delivery: deliveryOf(raw.delivery ?? {}),
    ...(raw.retention === undefined ? {} : { retentionMs: parseDuration(raw.retention) as number }),
    ...(catalog === undefined ? {} : { catalog }),
    unknownActions: raw.unknown_actions ?? "allow",
    log: { level: raw.log?.level ?? "info", ...(raw.log?.format === undefined ? {} : { format: raw.log.format }) },
    warnings,
  };
}

function deliveryOf(delivery: NonNullable<RawConfig["delivery"]>): RunnerConfig["delivery"] {
  const { concurrency, per_host: perHost, memory, retry_base: base, retry_cap: cap, blocked_probe: probe } = delivery;
  const ms = (text: string | undefined, otherwise: number): number =>
    text === undefined ? otherwise : (parseDuration(text) as number);
  const { baseMs, capMs, blockedMs } = defaultRetryPolicy;
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(perHost !== undefined && { perHost }),
    ...(memory !== undefined && { memoryBytes: parseSize(memory) as number }),
    retry: { baseMs: ms(base, baseMs), capMs: ms(cap, capMs), blockedMs: ms(probe, blockedMs) },
    ...(delivery.disconnect_after !== undefined && {
      disconnectAfterMs: parseDuration(delivery.disconnect_after) as number,
    }),
    ...(delivery.give_up_after !== undefined && { giveUpAfterMs: parseDuration(delivery.give_up_after) as number }),
    ...(delivery.give_up_paused !== undefined && { giveUpPaused: delivery.give_up_paused }),
    ...(delivery.lease_ttl !== undefined && { leaseTtlMs: parseDuration(delivery.lease_ttl) as number }),
  };
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function storeConfig(raw: RawConfig["store"], directory: string): StoreConfig {
  if (raw.kind === "memory") return { kind: "memory" };
  if (raw.kind === "sqlite") {
    return {
      kind: "sqlite",
      path: resolve(directory, raw.path ?? ""),
      ...(raw.mark !== undefined && { markPath: resolve(directory, raw.mark) }),
    };
  }
  return {
    kind: "postgres",
    url: secret(raw.url ?? ""),
    ...(raw.listen_url !== undefined && { listenUrl: secret(raw.listen_url) }),
    ...(raw.schema !== undefined && { schema: raw.schema }),
    ...(raw.ca_file !== undefined && { caFile: resolve(directory, raw.ca_file) }),
    ...(raw.max_connections !== undefined && { maxConnections: raw.max_connections }),
    allowInsecureConnection: raw.allow_insecure_connection === true,
  };
}
