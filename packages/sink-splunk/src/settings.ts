import { X509Certificate } from "node:crypto";
import type { Secret } from "@headgate/core";
import { HeadgateError, isHeadgateError } from "@headgate/core";
import { endpointUrl } from "@headgate/egress";
import type { EnvelopeSettings } from "./envelope.ts";
import type { SplunkSinkOptions } from "./options.ts";
import type { HecPath } from "./transport.ts";

/** Options after all checks, with defaults filled in. */
export interface SplunkSettings {
  /** Base URLs, without the collector's own path. At least one. */
  readonly endpoints: readonly [URL, ...URL[]];
  readonly token: Secret;
  readonly envelope: EnvelopeSettings;
  readonly acknowledge: "auto" | "required" | "off";
  readonly ca: string | undefined;
  readonly compression: "gzip" | "none";
  readonly limits: { readonly maxBytes: number; readonly maxEvents: number; readonly maxEventBytes: number };
  readonly timeouts: SplunkTimeLimits;
  readonly insecure: boolean;
}

/** Time limits in ms, with their defaults filled in. */
export interface SplunkTimeLimits {
  readonly connectMs: number;
  readonly requestMs: number;
  /** From the reply's beginning to its end. */
  readonly replyMs: number;
  readonly ackMs: number;
}

/** What options are judged by. */
export interface Judgement {
  /** Undefined for those of a file: they are checked before the stream is known. */
  readonly stream: string | undefined;
  readonly allow: readonly string[];
  readonly insecure: boolean;
  /** What the transport can reach. */
  readonly paths: readonly HecPath[];
  /** What is known to be wrong already. */
  readonly problems?: readonly string[];
}

/** Splunk Cloud takes 5,242,881 bytes and refuses 6,000,000, as was seen in 2026; `maxEventSize` of inputs.conf is 5 MB. */
const mostBytes = 5_000_000;
const longestReplyMs = 30_000;

/**
 * Checks the options of a stream and fills in their defaults.
 * @throws `sink_options_invalid` with everything that is wrong, in one message
 */
export function resolveSettings(options: SplunkSinkOptions, judgement: Judgement): SplunkSettings {
  const { stream, insecure } = judgement;
  const problems = [...(judgement.problems ?? [])];
  const complain = (problem: string): void => void problems.push(problem);
  const urls = typeof options.url === "string" ? [options.url] : options.url;
  const endpoints = urls.flatMap((url, at) => {
    const name = urls.length === 1 ? "url" : `url ${at + 1}`;
    return endpointOf(url, { name, allow: judgement.allow, insecure }, complain);
  });
  const seen = new Set<string>();
  for (const { href, host } of endpoints) {
    if (seen.has(href)) complain(`url names ${host} twice`);
    seen.add(href);
  }
  if (urls.length === 0) complain("url names no endpoint");
  checkToken(options.token, complain);
  if (options.acknowledge === "required" && !judgement.paths.includes("ack"))
    complain("acknowledge: required needs a transport that can ask for acknowledgements, and this one cannot");
  if (options.ca !== undefined) checkCa(options.ca, complain);
  const envelope = {
    host: options.host ?? "headgate",
    source: options.source ?? `headgate:${stream ?? ""}`,
    sourcetype: options.sourcetype ?? "headgate:audit",
    ...(options.index === undefined ? {} : { index: options.index }),
  };
  for (const [name, value] of Object.entries(envelope)) {
    // oxlint-disable-next-line no-control-regex -- they would be invisible in Splunk and are never meant
    if (value.trim() === "" || value.length > 1024 || /[\u0000-\u001f]/.test(value))
      complain(`${name} is empty, longer than 1024 characters, or holds control characters`);
  }
  // https://docs.splunk.com/Documentation/Splunk/latest/Indexer/Setupmultipleindexes
  if (options.index !== undefined && !/^[a-z0-9_][a-z0-9_-]*$/.test(options.index))
    complain("index is no name of an index (a-z, 0-9, _ and -, not beginning with -)");
  const maxBytes = within("max_bytes", options.maxBytes ?? 1_000_000, 1000, mostBytes, complain);
  const maxEvents = within("max_events", options.maxEvents ?? 1000, 1, 100_000, complain);
  const maxEventBytes = within("max_event_bytes", options.maxEventBytes ?? maxBytes, 500, maxBytes, complain);
  const { connectMs = 10_000, requestMs = 60_000, ackMs = 120_000 } = options.timeouts ?? {};
  for (const [name, ms] of Object.entries({ connect_ms: connectMs, request_ms: requestMs, ack_ms: ackMs }))
    within(`timeouts.${name}`, ms, 1, 3_600_000, complain);

  const [first, ...others] = endpoints;
  if (problems.length > 0 || first === undefined) {
    const whose = stream === undefined ? "" : ` of stream "${stream}"`;
    throw new HeadgateError("sink_options_invalid", `The Splunk options${whose} are wrong: ${problems.join("; ")}.`, {
      hint: "Correct the stream's options.",
      details: { problems: problems.length, ...(stream === undefined ? {} : { stream }) },
    });
  }
  return {
    endpoints: [first, ...others],
    token: options.token,
    envelope,
    acknowledge: options.acknowledge ?? "auto",
    ca: options.ca,
    compression: options.compression ?? "gzip",
    limits: { maxBytes, maxEvents, maxEventBytes },
    timeouts: { connectMs, requestMs, replyMs: Math.min(requestMs, longestReplyMs), ackMs },
    insecure,
  };
}

/** People copy the collector's whole path; what stands before it is kept. */
const ownPath = /\/(services\/collector(\/(event|raw|ack|health))?(\/1\.0)?\/?)?$/;

/** An endpoint's URL in one spelling, for comparing; what is no URL is left as it is. */
export function endpointName(text: string): string {
  return URL.canParse(text) ? base(new URL(text)).href : text;
}

function base(url: URL): URL {
  const bare = new URL(url);
  bare.pathname = bare.pathname.replace(ownPath, "");
  return bare;
}

function endpointOf(
  text: string,
  options: { readonly name: string; readonly allow: readonly string[]; readonly insecure: boolean },
  complain: (problem: string) => void,
): URL[] {
  try {
    return [base(endpointUrl(text, options))];
  } catch (error) {
    if (!isHeadgateError(error, "sink_options_invalid")) throw error;
    complain(error.message.replace(/\.$/, ""));
    return [];
  }
}

/** The token becomes part of a header, and never of a message. */
function checkToken(token: Secret, complain: (problem: string) => void): void {
  const text = token.reveal();
  if (/^splunk\s/i.test(text)) complain('token is to be given without the word "Splunk" before it');
  else if (!/^[\x21-\x7e]{1,256}$/.test(text)) complain("token is empty, too long, or holds spaces or odd characters");
}

function checkCa(ca: string, complain: (problem: string) => void): void {
  const certificates = ca.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) complain("ca holds no certificate (PEM)");
  for (const certificate of certificates) {
    try {
      void new X509Certificate(certificate);
    } catch {
      complain("ca, or ca_file, holds a certificate that cannot be read");
    }
  }
}

function within(name: string, value: number, least: number, most: number, complain: (problem: string) => void): number {
  if (!Number.isInteger(value) || value < least || value > most) complain(`${name} is ${least} to ${most}`);
  return value;
}
