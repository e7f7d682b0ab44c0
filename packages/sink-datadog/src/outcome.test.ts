import { errorCodes } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { replyResult } from "./outcome.ts";
import { anyReplies, intakeReplies } from "./replies.ts";

const now = Date.parse("2026-01-02T12:00:00Z");
const own = JSON.stringify({ errors: [{ status: "400", title: "Bad Request", detail: "content-of-an-event" }] });
const html = "<html><body>Sign in</body></html>";

function resultOf(status: number, body: string, headers: Readonly<Record<string, string>> = {}) {
  return replyResult({ status, headers, body: new TextEncoder().encode(body) }, "receipt", now);
}

/** Status, then what the intake's own answer, a page and an empty body mean. From Datadog's API reference and HTTP itself. */
const table: readonly (readonly [number, string, string, string])[] = [
  [202, "delivered", "retry destination_unexpected", "delivered"],
  [200, "retry destination_unexpected", "retry destination_unexpected", "retry destination_unexpected"],
  [201, "retry destination_unexpected", "retry destination_unexpected", "retry destination_unexpected"],
  [204, "retry destination_unexpected", "retry destination_unexpected", "retry destination_unexpected"],
  [206, "retry destination_unexpected", "retry destination_unexpected", "retry destination_unexpected"],
  [301, "retry destination_unexpected", "retry destination_unexpected", "retry destination_unexpected"],
  [302, "retry destination_unexpected", "retry destination_unexpected", "retry destination_unexpected"],
  [307, "retry destination_unexpected", "retry destination_unexpected", "retry destination_unexpected"],
  [400, "split event_refused", "retry destination_unexpected", "retry destination_unexpected"],
  [401, "blocked credentials_invalid", "retry destination_unexpected", "retry destination_unexpected"],
  [403, "blocked access_denied", "retry destination_unexpected", "retry destination_unexpected"],
  [404, "blocked destination_misconfigured", "retry destination_unexpected", "retry destination_unexpected"],
  [405, "blocked destination_misconfigured", "retry destination_unexpected", "retry destination_unexpected"],
  [407, "retry destination_unexpected", "retry destination_unexpected", "retry destination_unexpected"],
  [408, "retry destination_timeout", "retry destination_timeout", "retry destination_timeout"],
  [413, "split event_too_large", "split event_too_large", "split event_too_large"],
  [415, "blocked destination_misconfigured", "retry destination_unexpected", "retry destination_unexpected"],
  [418, "retry destination_unexpected", "retry destination_unexpected", "retry destination_unexpected"],
  [429, "retry destination_busy", "retry destination_busy", "retry destination_busy"],
  [500, "retry destination_failed", "retry destination_failed", "retry destination_failed"],
  [502, "retry destination_failed", "retry destination_failed", "retry destination_failed"],
  [503, "retry destination_failed", "retry destination_failed", "retry destination_failed"],
  [599, "retry destination_failed", "retry destination_failed", "retry destination_failed"],
  [0, "retry destination_unexpected", "retry destination_unexpected", "retry destination_unexpected"],
];

describe("an answer", () => {
  it("that is a page is one, whether it says so or not", () => {
    expect(resultOf(202, ` ${html}`)).toMatchObject({ status: "retry", error: { code: "destination_unexpected" } });
    expect(resultOf(202, "{}").status).toBe("delivered");
  });

  it.each(table)("of %i is %s from the intake, %s as a page, %s without a body", (status, intake, page, empty) => {
    const results = [
      resultOf(status, status === 202 ? "{}" : own, { "content-type": "application/json" }),
      resultOf(status, html, { "content-type": "text/html; charset=utf-8" }),
      resultOf(status, ""),
    ];
    const said = results.map((result) =>
      result.status === "delivered" ? "delivered" : `${result.status} ${result.error.code}`,
    );
    expect(said).toEqual([intake, page, empty]);
    for (const result of results) {
      if (result.status === "delivered") continue;
      expect(result.error.hint).not.toBe("");
      expect(result.error.vendorCode).toBe(String(status));
      expect(JSON.stringify(result)).not.toContain("content-of-an-event");
    }
  });

  it("is covered by the test above for every row of the table", () => {
    const tested = new Set(table.map(([status]) => status));
    for (const status of [...Object.keys(anyReplies), ...Object.keys(intakeReplies)])
      expect(tested).toContain(Number(status));
    for (const { code } of [...Object.values(anyReplies), ...Object.values(intakeReplies)])
      expect(errorCodes).toHaveProperty(code);
  });

  it.each([
    "null",
    "[]",
    '{"errors":"x"}',
    '{"error":[]}',
    '{"errors":[]',
    '"errors"',
    own.replace("errors", "Errors"),
  ])("with the body %s is not the intake's own", (body) => {
    expect(resultOf(400, body)).toMatchObject({ status: "retry", error: { code: "destination_unexpected" } });
  });

  it("that is a page is not the intake's own, whatever stands in it", () => {
    expect(resultOf(403, own, { "content-type": "text/html" })).toMatchObject({ status: "retry" });
  });

  it.each([
    [{ "retry-after": "7" }, 7000],
    [{ "x-ratelimit-reset": "9" }, 9000],
    [{ "retry-after": "7", "x-ratelimit-reset": "3" }, 7000],
    [{ "retry-after": "2", "x-ratelimit-reset": "3.5" }, 3500],
    [{ "retry-after": new Date(now + 5000).toUTCString() }, 5000],
    [{ "x-ratelimit-reset": "1767355200" }, 3_600_000],
    [{ "x-ratelimit-reset": "soon" }, undefined],
    [{}, undefined],
  ])("that asks for a wait with %j gets %s ms", (headers, afterMs) => {
    for (const status of [429, 503, 408]) {
      const result = resultOf(status, own, headers);
      expect(result.status === "retry" && result.afterMs).toBe(afterMs);
    }
  });
});
