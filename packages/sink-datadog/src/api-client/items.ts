import type { HTTPLogItem } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/HTTPLogItem.js";
import { intakeLimits } from "../limits.ts";

/** Members that the client knows by name; it drops the others unless they are in `additionalProperties`. */
const named: ReadonlySet<string> = new Set(["ddsource", "ddtags", "hostname", "message", "service"]);

/** The logs of a request as the client takes them. It writes them back in the same order of members. */
export function logItems(body: Uint8Array): HTTPLogItem[] {
  const logs = JSON.parse(new TextDecoder().decode(body)) as Readonly<Record<string, unknown>>[];
  return logs.map((log) => {
    const entries = Object.entries(log);
    return {
      ...Object.fromEntries(entries.filter(([name]) => named.has(name))),
      additionalProperties: Object.fromEntries(entries.filter(([name]) => !named.has(name))),
    } as unknown as HTTPLogItem;
  });
}

/**
 * Whether a request has grown beyond the intake's limits by being written anew: a number such as 1e20 becomes longer. The
 * intake would cut a log that has, and say nothing.
 */
export function outgrown(text: string, original: Uint8Array): boolean {
  const size = Buffer.byteLength(text);
  if (size <= original.length) return false;
  if (size > intakeLimits.maxBytes) return true;
  const logs = JSON.parse(text) as readonly unknown[];
  return logs.some((log) => Buffer.byteLength(JSON.stringify(log)) > intakeLimits.maxEventBytes);
}
