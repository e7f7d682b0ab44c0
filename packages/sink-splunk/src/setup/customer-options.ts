import type { CustomerContext, Secret } from "@headgate/core";
import { HeadgateError, secret } from "@headgate/core";
import type { SplunkSinkOptions } from "../options.ts";
import { endpointName } from "../settings.ts";
import type { SplunkGiven } from "./schema.ts";

/**
 * What a customer has given as options. A token that is not given again is the previous one, as long as it would go to
 * the same collector: otherwise whoever may edit a stream could have its token sent to a server of their own.
 * @throws `sink_options_invalid` where there is no token
 */
export function splunkOptionsOfCustomer(
  answers: Readonly<Record<string, unknown>>,
  { allowInsecureEndpoint }: CustomerContext,
  previous?: SplunkSinkOptions,
): SplunkSinkOptions {
  const { url, token, index, source, sourcetype, acknowledge } = answers as unknown as SplunkGiven;
  const kept = previous !== undefined && isFirst(url, previous) ? previous : undefined;
  return {
    ...operatorOnly(kept),
    // Of several collectors a customer sees the first; the others stay with it.
    url: kept?.url ?? url,
    token: token === undefined ? tokenOf(kept, previous) : secret(token),
    ...(index === undefined ? {} : { index }),
    ...(source === undefined ? {} : { source }),
    ...(sourcetype === undefined ? {} : { sourcetype }),
    ...(acknowledge === undefined ? {} : { acknowledge }),
    ...(allowInsecureEndpoint ? { allowInsecureEndpoint: true } : {}),
  };
}

/** The inverse of {@link splunkOptionsOfCustomer}, without the token. */
export function splunkGivenOf(options: SplunkSinkOptions): Readonly<Record<string, unknown>> {
  const { index, source, sourcetype, acknowledge } = options;
  return {
    url: firstUrl(options),
    ...(index === undefined ? {} : { index }),
    ...(source === undefined ? {} : { source }),
    ...(sourcetype === undefined ? {} : { sourcetype }),
    ...(acknowledge === undefined ? {} : { acknowledge }),
  };
}

function firstUrl({ url }: SplunkSinkOptions): string {
  return typeof url === "string" ? url : (url[0] ?? "");
}

function isFirst(url: string, options: SplunkSinkOptions): boolean {
  return endpointName(url) === endpointName(firstUrl(options));
}

/** What only an operator sets, for the collector that it was set for. */
function operatorOnly(kept: SplunkSinkOptions | undefined): Partial<SplunkSinkOptions> {
  if (kept === undefined) return {};
  const { host, ca, compression, maxBytes, maxEvents, maxEventBytes, timeouts } = kept;
  return {
    ...(host === undefined ? {} : { host }),
    ...(ca === undefined ? {} : { ca }),
    ...(compression === undefined ? {} : { compression }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxEvents === undefined ? {} : { maxEvents }),
    ...(maxEventBytes === undefined ? {} : { maxEventBytes }),
    ...(timeouts === undefined ? {} : { timeouts }),
  };
}

function tokenOf(kept: SplunkSinkOptions | undefined, previous: SplunkSinkOptions | undefined): Secret {
  if (kept !== undefined) return kept.token;
  const why = previous === undefined ? "is missing" : "must be given again, because url has changed";
  throw new HeadgateError("sink_options_invalid", `The Splunk options are wrong: token ${why}.`, {
    hint: "Copy the token from Settings → Data inputs → HTTP Event Collector in Splunk.",
    details: { problems: 1 },
  });
}
