import type { Secret } from "@headgate/core";
import { HeadgateError, isHeadgateError } from "@headgate/core";
import { type EgressOptions, endpointUrl } from "@headgate/egress";
import { isCertificate } from "./certificate.ts";
import type { EntrySettings } from "./encoding.ts";
import type { DatadogSinkOptions } from "./options.ts";
import { apiOf, datadogSites, intakeOf, isDatadogSite, siteMeantBy } from "./sites.ts";
import { tagProblems, tagText } from "./tags.ts";

/** Options after all checks, with defaults filled in. */
export interface DatadogSettings {
  /** Undefined where a `url` decides. */
  readonly site: string | undefined;
  /** What `/api/v2/logs` is put after. */
  readonly intake: URL;
  /** What `/api/v1/validate` is put after; undefined where there is no API to ask. */
  readonly api: URL | undefined;
  readonly apiKey: Secret;
  readonly entry: EntrySettings;
  readonly stale: "quarantine" | "restamp";
  readonly compression: "gzip" | "none";
  readonly ca: string | undefined;
  readonly timeouts: { readonly connectMs: number; readonly requestMs: number };
  readonly egress: EgressOptions;
}

const names: ReadonlySet<string> = new Set([
  "site",
  "url",
  "apiUrl",
  "apiKey",
  "service",
  "source",
  "hostname",
  "tags",
  "stale",
  "compression",
  "ca",
  "timeouts",
  "allowInsecureEndpoint",
]);

/** What service, source and tags may hold without being rewritten: https://docs.datadoghq.com/getting_started/tagging/ */
const word = /^[\p{L}\p{N}_:./-]{1,100}$/u;
const hostWord = /^[\p{L}\p{N}_.:-]{1,255}$/u;

/**
 * Checks the options of a stream and fills in their defaults. Without a stream they are those of a file.
 * @throws `sink_options_invalid` with everything that is wrong, in one message
 */
export function resolveSettings(
  options: DatadogSinkOptions,
  owner: { readonly stream: string; readonly organization: string } | undefined,
  allow: readonly string[] = [],
): DatadogSettings {
  const problems: string[] = [];
  const { site, service = "headgate", source = "headgate", hostname, tags = {}, timeouts = {} } = options;
  const { stale = "quarantine", compression = "gzip", ca } = options;
  const egress = { allow, insecure: options.allowInsecureEndpoint ?? false };
  for (const name of Object.keys(options)) if (!names.has(name)) problems.push(`${name} is no option`);

  const endpoint = (name: string, given: string): URL | undefined => {
    try {
      return endpointUrl(given, { ...egress, name });
    } catch (error) {
      if (!isHeadgateError(error)) throw error;
      problems.push(error.message.replace(/\.$/, ""));
      return undefined;
    }
  };
  problems.push(...siteProblems(options));
  const known = site !== undefined && isDatadogSite(site) ? site : undefined;
  const own = options.url === undefined && known !== undefined ? known : undefined;
  const ownIntake = own === undefined ? undefined : new URL(intakeOf(own));
  const ownApi = own === undefined ? undefined : new URL(apiOf(own));
  const intake = options.url === undefined ? ownIntake : endpoint("url", options.url);
  const api = options.apiUrl === undefined ? ownApi : endpoint("api_url", options.apiUrl);

  if (!isHeaderValue(options.apiKey))
    problems.push("api_key is missing, or holds blanks or characters that no key has");
  if (!word.test(service)) problems.push("service is 1 to 100 letters, digits and _ : . / -");
  if (!word.test(source)) problems.push("source is 1 to 100 letters, digits and _ : . / -");
  if (hostname !== undefined && !hostWord.test(hostname))
    problems.push("hostname is 1 to 255 letters, digits and _ . : -");
  problems.push(...tagProblems(tags));
  if (stale !== "quarantine" && stale !== "restamp") problems.push("stale is quarantine or restamp");
  if (compression !== "gzip" && compression !== "none") problems.push("compression is gzip or none");
  if (ca !== undefined && !isCertificate(ca)) problems.push("ca holds no certificate in PEM form");
  const { connectMs = 10_000, requestMs = 60_000 } = timeouts;
  if (!(connectMs > 0 && requestMs > 0)) problems.push("timeouts are above 0 ms");

  if (problems.length > 0 || intake === undefined) {
    const whose = owner === undefined ? "" : ` of stream "${owner.stream}"`;
    throw new HeadgateError("sink_options_invalid", `The Datadog options${whose} are wrong: ${problems.join("; ")}.`, {
      hint: "Correct the stream's options.",
      details: { problems: problems.length, ...(owner === undefined ? {} : { stream: owner.stream }) },
    });
  }
  return {
    site: own,
    intake,
    api,
    apiKey: options.apiKey,
    entry: { source, service, hostname, tags: tagText(owner ?? { stream: "", organization: "" }, tags) },
    stale,
    compression,
    ca,
    timeouts: { connectMs, requestMs },
    egress,
  };
}

function* siteProblems({ site, url }: DatadogSinkOptions): Iterable<string> {
  const all = datadogSites.join(", ");
  if (site === undefined) {
    if (url === undefined) yield `site is missing: one of ${all}`;
    return;
  }
  if (url !== undefined || isDatadogSite(site)) return;
  const meant = siteMeantBy(site);
  yield meant === undefined
    ? `site "${site.slice(0, 60)}" is none of ${all}; an intake of another name goes into url`
    : `site "${site.slice(0, 60)}" is written "${meant}"`;
}

/** A key goes into a header, where only visible ASCII is safe. */
function isHeaderValue(key: Secret | undefined): boolean {
  return key !== undefined && /^[\x21-\x7e]{1,256}$/.test(key.reveal());
}
