import type { ErrorCode } from "@headgate/core";
import type { HttpReply } from "@headgate/egress";
import { type HecCode, hecCode } from "@headgate/sink-testkit/hec";
import { describe, expect, it } from "vitest";
import { hecCodes } from "./hec-codes.ts";
import { type SentBody, type Verdict, verdictOf } from "./verdict.ts";

const sent: SentBody = { count: 10, bytes: 9000 };
const now = Date.parse("2026-01-01T00:00:00Z");

function reply(status: number, body: unknown, headers: HttpReply["headers"] = {}): HttpReply {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers, setCookies: [], body: Buffer.from(text) };
}

function codeReply(code: HecCode, more: Readonly<Record<string, unknown>> = {}): HttpReply {
  return reply(hecCode(code).status, { text: "echoed words", code, ...more });
}

/**
 * What each code means: "Possible error codes" of Splunk's documentation of the HTTP Event Collector, its lookups for 0 to
 * 22, and for 23 to 28 what servers of the field answer.
 */
const table: readonly (readonly [
  code: HecCode,
  kind: Verdict["kind"],
  errorCode: ErrorCode | undefined,
  elsewhere?: boolean,
])[] = [
  [0, "taken", undefined],
  [1, "blocked", "credentials_invalid"],
  [2, "blocked", "credentials_invalid"],
  [3, "blocked", "credentials_invalid"],
  [4, "blocked", "credentials_invalid"],
  [5, "retry", "destination_unexpected", false],
  [6, "refused", "event_refused"],
  [7, "refused", "event_refused"],
  [8, "retry", "destination_failed", false],
  [9, "retry", "destination_busy", true],
  [10, "blocked", "destination_misconfigured"],
  [11, "blocked", "destination_misconfigured"],
  [12, "refused", "event_refused"],
  [13, "refused", "event_refused"],
  [14, "blocked", "destination_misconfigured"],
  [15, "refused", "event_refused"],
  [16, "blocked", "credentials_invalid"],
  [17, "retry", "destination_unexpected", false],
  [18, "retry", "destination_busy", true],
  [19, "retry", "destination_busy", true],
  [20, "retry", "destination_busy", true],
  [21, "blocked", "credentials_invalid"],
  [22, "blocked", "credentials_invalid"],
  [23, "retry", "destination_busy", true],
  [24, "taken", undefined],
  [25, "taken", undefined],
  [26, "retry", "destination_busy", true],
  [27, "retry", "destination_busy", true],
  [28, "blocked", "destination_misconfigured"],
];

describe("the codes of the collector", () => {
  it("are all in the table, each with words and a hint", () => {
    expect(Object.keys(hecCodes)).toEqual(table.map(([code]) => String(code)));
    for (const [code] of table) {
      expect(hecCodes[code]?.text).toBe(hecCode(code).text);
      expect(hecCodes[code]?.hint).toMatch(/\S/);
    }
  });

  it.each(table.map((row) => ({ row, name: row.join(" ") })))("mean what they mean: $name", ({ row }) => {
    const [code, kind, errorCode, elsewhere] = row;
    const verdict = verdictOf(codeReply(code, { "invalid-event-number": code === 9 ? 0 : 4 }), sent, now);
    expect(verdict.kind).toBe(kind);
    if (verdict.kind === "taken") {
      expect(verdict.slow).toBe(code === 24 || code === 25);
      return;
    }
    expect(verdict.error).toMatchObject({
      code: errorCode,
      vendorCode: String(code),
      hint: expect.stringMatching(/\S/),
    });
    expect(verdict.error.message).not.toContain("echoed");
    if (verdict.kind === "retry") expect(verdict.elsewhere).toBe(elsewhere);
  });
});

describe("a body that is taken in part", () => {
  it("by a server that became busy is sent again to it, and not at once to another one", () => {
    const busy = verdictOf(codeReply(9, { "invalid-event-number": 4 }), sent, now);
    expect(busy).toMatchObject({ kind: "retry", elsewhere: false, error: { code: "destination_busy" } });
  });

  it.each([6, 12, 13, 15] as const)("names its bad event with code %i, counted from 0", (code) => {
    for (const at of [0, 4, 9]) {
      expect(verdictOf(codeReply(code, { "invalid-event-number": at }), sent, now)).toMatchObject({
        kind: "refused",
        at,
      });
    }
  });

  it("names the event after it with code 7", () => {
    for (const at of [0, 4, 9]) {
      const verdict = verdictOf(codeReply(7, { "invalid-event-number": at + 1 }), sent, now);
      expect(verdict).toMatchObject({ kind: "refused", at });
    }
  });

  it.each([
    [6, {}],
    [6, { "invalid-event-number": 10 }],
    [6, { "invalid-event-number": -1 }],
    [12, { "invalid-event-number": "3" }],
    [13, { "invalid-event-number": 1.5 }],
    [15, { "invalid-event-number": null }],
    [7, { "invalid-event-number": 0 }],
    [7, { "invalid-event-number": 11 }],
    [7, {}],
  ] as const)("is sent again in halves where code %i names no event of it: %j", (code, more) => {
    expect(verdictOf(codeReply(code, more), sent, now)).toMatchObject({
      kind: "split",
      error: { code: "event_refused", vendorCode: String(code) },
    });
  });

  it("is too large where its first event is bad and it is larger than Cloud surely takes", () => {
    const large = codeReply(6, { "invalid-event-number": 0 });
    expect(verdictOf(large, { count: 2, bytes: 1_000_001 }, now)).toMatchObject({
      kind: "split",
      error: { code: "event_too_large" },
    });
    expect(verdictOf(large, { count: 2, bytes: 1_000_000 }, now).kind).toBe("refused");
    expect(verdictOf(large, { count: 1, bytes: 4_000_000 }, now).kind).toBe("refused");
    expect(verdictOf(codeReply(6, { "invalid-event-number": 1 }), { count: 2, bytes: 2e6 }, now).kind).toBe("refused");
  });

  it.each(["<html>too large</html>", { text: "x", code: 6 }])("is split by a 413: %j", (body) => {
    expect(verdictOf(reply(413, body), sent, now)).toMatchObject({ kind: "split", error: { code: "event_too_large" } });
  });
});

const page = "<!doctype html><html><body>Sign in</body></html>";

describe("an answer that is not the collector's", () => {
  it.each([200, 201, 202, 204, 301, 302, 307, 400, 401, 403, 404, 405, 407, 415, 418])(
    "is tried again with HTTP %i, and is no success",
    (status) => {
      for (const body of [page, "", "null", "[]", "{}", '{"code":"0"}', '{"text":"Success","code":0', '"code"', "0"]) {
        const verdict = verdictOf(reply(status, body), sent, now);
        expect(verdict).toMatchObject({ kind: "retry", elsewhere: false });
      }
    },
  );

  it.each([
    [200, "destination_unexpected"],
    [401, "destination_unexpected"],
    [404, "destination_failed"],
    [408, "destination_timeout"],
    [429, "destination_busy"],
    [500, "destination_failed"],
    [502, "destination_failed"],
    [503, "destination_busy"],
    [504, "destination_timeout"],
  ] as const)("with HTTP %i is %s", (status, code) => {
    const verdict = verdictOf(reply(status, page), sent, now);
    expect(verdict).toMatchObject({ kind: "retry", error: { code, vendorCode: String(status) } });
  });

  it("is none either with a code that does not go with its status, or that nobody knows", () => {
    for (const [status, code] of [
      [201, 0],
      [500, 0],
      [403, 24],
      [200, 4],
      [200, 6],
      [200, 9],
      [400, 99],
      [404, 404],
    ] as const) {
      expect(verdictOf(reply(status, { text: "?", code }), sent, now).kind).toBe("retry");
    }
  });
});

it("waits as long as it is asked to, in seconds or until a date", () => {
  const busy = (headers: HttpReply["headers"]): Verdict => verdictOf({ ...codeReply(9), headers }, sent, now);
  expect(busy({ "retry-after": "7" })).toMatchObject({ afterMs: 7000 });
  expect(busy({ "retry-after": "Thu, 01 Jan 2026 00:00:30 GMT" })).toMatchObject({ afterMs: 30_000 });
  expect(busy({})).toMatchObject({ afterMs: undefined });
  const proxy = verdictOf(reply(503, page, { "retry-after": "2" }), sent, now);
  expect(proxy).toMatchObject({ kind: "retry", afterMs: 2000 });
});
