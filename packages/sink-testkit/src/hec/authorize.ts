import type { HecCode } from "./codes.ts";
import type { HecToken } from "./model.ts";

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The token of a request, or the code that refuses it. A token in the query is refused, as servers do by default. */
export function authorize(
  tokens: readonly HecToken[],
  headers: Readonly<Record<string, string>>,
  query: URLSearchParams,
): HecToken | HecCode {
  if (query.has("token")) return 16;
  const header = headers["authorization"];
  if (header === undefined || header === "") return 2;
  const value = /^Splunk (\S+)$/.exec(header)?.[1];
  if (value === undefined) return 3;
  const token = tokens.find((each) => each.token === value);
  if (token === undefined) return 4;
  return token.disabled === true ? 1 : token;
}

/** The channel of a request, or the code that refuses it: one is needed where there are acknowledgements, and not read otherwise. */
export function channelOf(
  headers: Readonly<Record<string, string>>,
  query: URLSearchParams,
  needed: boolean,
  cloud: boolean,
): { readonly channel: string | undefined } | HecCode {
  const channel = headers["x-splunk-request-channel"] ?? query.get("channel") ?? undefined;
  if (!needed) return { channel };
  if (channel === undefined || channel === "") return cloud ? 28 : 10;
  return guid.test(channel) ? { channel: channel.toLowerCase() } : 11;
}
