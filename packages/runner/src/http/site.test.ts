import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Site, serveSite } from "./site.ts";

const page = { body: Buffer.from("<!doctype html>"), contentType: "text/html; charset=utf-8", etag: '"a1"' };
const site: Site = {
  files: new Map([["index.html", page]]),
  headers: { "content-security-policy": "default-src 'self'" },
};
const ask = (path: string, init: RequestInit = {}): Response | undefined =>
  serveSite(site, new Request(`http://localhost${path}`, init));

describe("serveSite", () => {
  it("serves its page at / under its content security policy", async () => {
    const answer = ask("/");
    expect(answer?.status).toBe(200);
    expect(await answer?.text()).toBe("<!doctype html>");
    expect(Object.fromEntries(answer?.headers ?? [])).toEqual({
      "cache-control": "no-cache",
      "content-length": "15",
      "content-security-policy": "default-src 'self'",
      "content-type": "text/html; charset=utf-8",
      etag: '"a1"',
      vary: "accept-encoding",
    });
  });

  it.each([
    ["gzip, deflate, br, zstd", true],
    ["br;q=1.0, gzip;q=0.8", true],
    ["*", true],
    ["gzip;q=0, br", false],
    ["gzip;q=0.000", false],
    ["br", false],
    ["", false],
  ])("compresses for who takes it: accept-encoding %j", async (accepted, compressed) => {
    const answer = ask("/", { headers: { "accept-encoding": accepted } });
    const body = Buffer.from((await answer?.arrayBuffer()) ?? new ArrayBuffer());
    expect(answer?.headers.get("content-encoding")).toBe(compressed ? "gzip" : null);
    expect(answer?.headers.get("content-length")).toBe(String(body.length));
    expect((compressed ? gunzipSync(body) : body).toString()).toBe("<!doctype html>");
    const etag = answer?.headers.get("etag") ?? "";
    expect(etag === '"a1"').toBe(!compressed);
    expect(ask("/", { headers: { "accept-encoding": accepted, "if-none-match": etag } })?.status).toBe(304);
  });

  it("sends a file that the browser has no second time", async () => {
    const answer = ask("/", { headers: { "if-none-match": 'W/"zz", W/"a1"' } });
    expect([answer?.status, await answer?.text()]).toEqual([304, ""]);
    expect(ask("/", { headers: { "if-none-match": '"b2"' } })?.status).toBe(200);
  });

  it("leaves all else to the API", () => {
    expect(ask("/v1/me")).toBeUndefined();
    expect(ask("/", { method: "POST" })).toBeUndefined();
  });

  it("answers HEAD with the same headers and no body", async () => {
    const answer = ask("/", { method: "HEAD" });
    expect([answer?.headers.get("content-length"), await answer?.text()]).toEqual(["15", ""]);
  });
});
