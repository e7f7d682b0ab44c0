import type { CustomerContext, Secret } from "@headgate/core";
import { HeadgateError, secret } from "@headgate/core";
import type { DatadogSinkOptions } from "../options.ts";
import type { DatadogGiven } from "./schema.ts";

/**
 * What a customer has given as options. A key that is not given again is the previous one, as long as it would go to the
 * same place: a key belongs to one site, and to nobody else's server.
 * @throws `sink_options_invalid` where there is no key
 */
export function datadogOptionsOfCustomer(
  answers: Readonly<Record<string, unknown>>,
  { allowInsecureEndpoint }: CustomerContext,
  previous?: DatadogSinkOptions,
): DatadogSinkOptions {
  const { site, api_key, service, tags, stale } = answers as unknown as DatadogGiven;
  const kept = previous?.site === site ? previous : undefined;
  return {
    ...operatorOnly(kept),
    site,
    apiKey: api_key === undefined ? keyOf(kept, previous) : secret(api_key),
    ...(service === undefined ? {} : { service }),
    ...(tags === undefined ? {} : { tags }),
    ...(stale === undefined ? {} : { stale }),
    ...(kept?.url !== undefined && allowInsecureEndpoint ? { allowInsecureEndpoint: true } : {}),
  };
}

/** The inverse of {@link datadogOptionsOfCustomer}, without the key. */
export function datadogGivenOf({ site, service, tags, stale }: DatadogSinkOptions): Readonly<Record<string, unknown>> {
  return {
    ...(site === undefined ? {} : { site }),
    ...(service === undefined ? {} : { service }),
    ...(tags === undefined ? {} : { tags }),
    ...(stale === undefined ? {} : { stale }),
  };
}

/** What only an operator sets, an intake of another name among it, for the site that it was set for. */
function operatorOnly(kept: DatadogSinkOptions | undefined): Partial<DatadogSinkOptions> {
  if (kept === undefined) return {};
  const { url, apiUrl, source, hostname, compression, ca, timeouts } = kept;
  return {
    ...(url === undefined ? {} : { url }),
    ...(apiUrl === undefined ? {} : { apiUrl }),
    ...(source === undefined ? {} : { source }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(compression === undefined ? {} : { compression }),
    ...(ca === undefined ? {} : { ca }),
    ...(timeouts === undefined ? {} : { timeouts }),
  };
}

function keyOf(kept: DatadogSinkOptions | undefined, previous: DatadogSinkOptions | undefined): Secret {
  if (kept !== undefined) return kept.apiKey;
  const why = previous === undefined ? "is missing" : "must be given again, because site has changed";
  throw new HeadgateError("sink_options_invalid", `The Datadog options are wrong: api_key ${why}.`, {
    hint: "Make a key under Organization Settings → API Keys in Datadog.",
    details: { problems: 1 },
  });
}
