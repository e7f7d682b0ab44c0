import type { Chunk, OutgoingEvent } from "@headgate/core";
import type { EnvelopeSettings } from "./envelope.ts";
import { commonMembers, type Encode, envelopeEncoder } from "./envelope.ts";

/** How events of a stream are written, under the settings of now and of windows that were sealed before. */
export interface SplunkEncoding {
  /** The settings that decide bytes, as one string. */
  readonly encoding: string;
  readonly canEncode: (encoding: string) => boolean;
  readonly encode: (event: OutgoingEvent, encoding: string) => Uint8Array;
  /** The body of a chunk under the settings of now. */
  readonly bodyOf: (chunk: Chunk) => Uint8Array;
}

const version = 1;
const comma = 0x2c;

/**
 * A window is cut by the bytes of its own encoding, so that its cuts stay where they are. It is sent under the settings of
 * now: a stream that was pointed at an index that does not exist could otherwise not be mended, and nothing doubles,
 * because the collector does not compare bytes.
 */
export function splunkEncoding(settings: EnvelopeSettings, organization: string): SplunkEncoding {
  const encoding = encodingOf(settings);
  const encoders = new Map<string, Encode>();
  const members = commonMembers(settings);

  function encoderOf(other: string): Encode {
    let encode = encoders.get(other);
    if (encode === undefined) {
      encode = envelopeEncoder(settingsOf(other) ?? settings, organization);
      encoders.set(other, encode);
    }
    return encode;
  }

  return {
    encoding,
    canEncode: (other) => settingsOf(other) !== undefined,
    encode: (event, other) => encoderOf(other)(event),
    bodyOf(chunk) {
      const old = chunk.encoding === encoding ? undefined : settingsOf(chunk.encoding);
      return old === undefined ? chunk.body : withMembers(chunk, commonMembers(old).length, members);
    },
  };
}

/** Puts other common members into every envelope of a chunk, in place of those that it was cut with. */
function withMembers({ body, sizes }: Chunk, oldLength: number, members: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    // Before the common members stands the time, and in it no comma.
    const from = body.indexOf(comma, at);
    parts.push(body.subarray(at, from), members, body.subarray(from + oldLength, at + size + 1));
    at += size + 1;
  }
  return Buffer.concat(parts);
}

function encodingOf({ host, source, sourcetype, index }: EnvelopeSettings): string {
  return JSON.stringify({ splunk: version, host, source, sourcetype, ...(index === undefined ? {} : { index }) });
}

function settingsOf(encoding: string): EnvelopeSettings | undefined {
  let value: unknown;
  try {
    value = JSON.parse(encoding);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { splunk, host, source, sourcetype, index } = value as Readonly<Record<string, unknown>>;
  if (splunk !== version || typeof host !== "string" || typeof source !== "string" || typeof sourcetype !== "string")
    return undefined;
  return { host, source, sourcetype, ...(typeof index === "string" ? { index } : {}) };
}
