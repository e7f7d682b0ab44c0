import type { HttpReply } from "../http-reply.ts";

/**
 * A reply code of the HTTP Event Collector, see "HTTP Event Collector error codes" in Splunk's documentation and, for 23
 * to 28, what servers of the field answer: the texts of those are not documented.
 * https://docs.splunk.com/Documentation/Splunk/latest/Data/TroubleshootHTTPEventCollector
 */
export type HecCode =
  | 0
  | 1
  | 2
  | 3
  | 4
  | 5
  | 6
  | 7
  | 8
  | 9
  | 10
  | 11
  | 12
  | 13
  | 14
  | 15
  | 16
  | 17
  | 18
  | 19
  | 20
  | 21
  | 22
  | 23
  | 24
  | 25
  | 26
  | 27
  | 28;

const rows: Readonly<Record<HecCode, readonly [status: number, text: string]>> = {
  0: [200, "Success"],
  1: [403, "Token disabled"],
  2: [401, "Token is required"],
  3: [401, "Invalid authorization"],
  4: [403, "Invalid token"],
  5: [400, "No data"],
  6: [400, "Invalid data format"],
  7: [400, "Incorrect index"],
  8: [500, "Internal server error"],
  9: [503, "Server is busy"],
  10: [400, "Data channel is missing"],
  11: [400, "Invalid data channel"],
  12: [400, "Event field is required"],
  13: [400, "Event field cannot be blank"],
  14: [400, "ACK is disabled"],
  15: [400, "Error in handling indexed fields"],
  16: [400, "Query string authorization is not enabled"],
  17: [200, "HEC is healthy"],
  18: [503, "HEC is unhealthy, queues are full"],
  19: [503, "HEC is unhealthy, ack service unavailable"],
  20: [503, "HEC is unhealthy, queues are full, ack service unavailable"],
  21: [400, "Invalid token"],
  22: [400, "Token disabled"],
  23: [503, "Server is shutting down"],
  24: [200, "Queue is approaching its capacity limit"],
  25: [200, "ACK channel is approaching its capacity limit"],
  26: [429, "Queue is at capacity"],
  27: [429, "ACK channel is at capacity"],
  28: [400, "Data channel is missing"],
};

/** Codes that say which object of a body is bad. */
export type HecObjectCode = 6 | 7 | 12 | 13 | 15;

/** HTTP status and text of a code. */
export function hecCode(code: HecCode): { readonly status: number; readonly text: string } {
  const [status, text] = rows[code];
  return { status, text };
}

/** Whether a code speaks of one object of the body. */
export function isObjectCode(code: HecCode): code is HecObjectCode {
  return code === 6 || code === 7 || code === 12 || code === 13 || code === 15;
}

/** `invalid-event-number` for a bad object at `at`, 0-based. Splunk names the object after it where the index is wrong. */
export function invalidEventNumber(code: HecCode, at: number): number {
  return code === 7 ? at + 1 : at;
}

/** A reply as the collector writes it. `code` is 404 where the path or the method is unknown. */
export interface HecReply extends HttpReply {
  readonly code: HecCode | 404 | undefined;
  /** Objects of the body that were read, up to and with a bad one. */
  readonly objects?: number;
}

/** The reply for a code, with the members that belong to it. */
export function hecReply(
  code: HecCode,
  more: { readonly invalidEventNumber?: number; readonly ackId?: number; readonly objects?: number } = {},
): HecReply {
  const { status, text } = hecCode(code);
  return {
    ...jsonReply(status, {
      text,
      code,
      ...(more.invalidEventNumber === undefined ? {} : { "invalid-event-number": more.invalidEventNumber }),
      ...(more.ackId === undefined ? {} : { ackId: more.ackId }),
    }),
    code,
    ...(more.objects === undefined ? {} : { objects: more.objects }),
  };
}

/** A reply with a JSON body. */
export function jsonReply(status: number, body: unknown): HttpReply {
  return {
    status,
    headers: { "content-type": "application/json; charset=UTF-8" },
    body: JSON.stringify(body),
  };
}

/** The reply to a path or a method that the collector does not know. */
export function notFound(status: 404 | 405, text: string): HecReply {
  return { ...jsonReply(status, { text, code: 404 }), code: 404 };
}

/** A reply that the HTTP server beneath the collector gives. */
export function htmlReply(status: number, title: string): HecReply {
  const body = `<!doctype html><html><head><title>${status} ${title}</title></head><body><h1>${title}</h1></body></html>\r\n`;
  return { status, headers: { "content-type": "text/html; charset=UTF-8" }, body, code: undefined };
}
