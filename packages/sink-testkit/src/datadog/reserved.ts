import { valueAt } from "./value-at.ts";
import type { ReservedName } from "./model.ts";

/**
 * Where Datadog looks for each property, in its order:
 * https://docs.datadoghq.com/logs/log_configuration/pipelines/#preprocessing
 */
const attributes: Readonly<Record<ReservedName, readonly string[]>> = {
  date: [
    "@timestamp",
    "timestamp",
    "_timestamp",
    "Timestamp",
    "eventTime",
    "date",
    "published_date",
    "syslog.timestamp",
  ],
  host: ["host", "hostname", "syslog.hostname"],
  message: ["message", "msg", "log"],
  service: ["service", "syslog.appname", "dd.service"],
  source: ["ddsource", "source"],
  status: ["status", "severity", "level", "syslog.severity"],
  trace_id: ["dd.trace_id", "contextMap.dd.trace_id", "named_tags.dd.trace_id", "trace_id"],
};

/** What decides over the reserved properties of a log. */
export interface Reserved {
  readonly by: Readonly<Partial<Record<ReservedName, string>>>;
  /** The time that Datadog goes by, Unix ms; undefined where the log has none that it can read. */
  readonly time: number | undefined;
}

/**
 * Finds the attributes that decide. A message that is JSON itself is unpacked as Datadog unpacks it, so that what an
 * event has in there decides as well, where the log does not say.
 */
export function reservedOf(log: Readonly<Record<string, unknown>>): Reserved {
  const message = unpacked(log["message"]);
  const by: Partial<Record<ReservedName, string>> = {};
  let time: number | undefined;
  for (const name of Object.keys(attributes) as ReservedName[]) {
    const found = find(attributes[name], log) ?? find(attributes[name], message);
    if (found === undefined) continue;
    if (name === "date") {
      time = timeOf(found.value);
      if (time === undefined) continue;
    }
    by[name] = found.within === log ? found.path : `message.${found.path}`;
  }
  return { by, time };
}

type JsonObject = Readonly<Record<string, unknown>>;

function find(
  paths: readonly string[],
  within: JsonObject | undefined,
): { readonly path: string; readonly value: unknown; readonly within: JsonObject } | undefined {
  if (within === undefined) return undefined;
  for (const path of paths) {
    const value = valueAt(within, path);
    if (value !== undefined && value !== null) return { path, value, within };
  }
  return undefined;
}

function unpacked(message: unknown): JsonObject | undefined {
  if (typeof message !== "string" || !message.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(message) as JsonObject;
  } catch {
    return undefined;
  }
}

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/;

/** ISO 8601 or epoch milliseconds. RFC 3164, the third form that Datadog reads, has no year and no place here. */
function timeOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  if (/^\d{12,14}$/.test(value)) return Number(value);
  const time = iso.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
