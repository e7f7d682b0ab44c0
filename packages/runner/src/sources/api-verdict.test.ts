import { describe, expect, it } from "vitest";
import { judge, type Verdict } from "./api-verdict.ts";
import { githubAudit } from "./github-audit.ts";
import { nextLink } from "./link-header.ts";
import { oktaAudit } from "./okta-audit.ts";
import { pageRecords } from "./page-records.ts";
import { rateLimit } from "./rate-limit.ts";

const url = new URL("https://api.github.com/orgs/acme/audit-log");
const github = githubAudit({ url: new URL("https://api.github.com"), org: "acme", include: "web" });
const okta = oktaAudit({ url: new URL("https://acme.okta.com"), tokenType: "bearer" });
const now = Date.UTC(2026, 10, 27, 12);
const reset = String(now / 1000 + 600);
const date = new Date(now).toUTCString();

function verdict(status: number, headers: Record<string, string>, body = "{}", api = github): Verdict {
  return judge({ status, headers, setCookies: [], body: Buffer.from(body) }, api, url, false, now);
}

describe("judge", () => {
  // "If you exceed your primary rate limit, you will receive a 403 or 429 response, and the x-ratelimit-remaining header will
  // be 0": https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
  it.each([403, 429])("knows GitHub's primary limit by its headers in a %i", (status) => {
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset, date };
    expect(verdict(status, headers)).toEqual({ status: "limited", afterMs: 601_000 });
  });

  // "… and an error message that indicates that you exceeded a secondary rate limit. If the retry-after response header is
  // present …" (same page)
  it("knows GitHub's secondary limit by Retry-After, or by its message alone", () => {
    const headers = { "retry-after": "60", "x-ratelimit-remaining": "42", "x-ratelimit-reset": reset };
    expect(verdict(403, headers)).toEqual({ status: "limited", afterMs: 60_000 });
    expect(verdict(403, {}, '{"message":"You have exceeded a secondary rate limit. Please wait"}')).toEqual({
      status: "limited",
    });
    expect(verdict(403, { "x-ratelimit-remaining": "42", "x-ratelimit-reset": reset }).status).toBe("refused");
  });

  // "X-Rate-Limit-Reset - the time at which the rate limit resets, specified in UTC epoch time (in seconds)":
  // https://developer.okta.com/docs/reference/rl-best-practices/
  it("knows Okta's limit by its headers", () => {
    const headers = { "x-rate-limit-limit": "60", "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset, date };
    expect(verdict(429, headers, '{"errorCode":"E0000047"}', okta)).toEqual({ status: "limited", afterMs: 601_000 });
  });

  it("takes a refusal of a link for an expired one, and of a request of its own for a mistake", () => {
    const reply = { status: 404, headers: {}, setCookies: [], body: Buffer.from("{}") };
    expect(judge(reply, github, url, true, now)).toEqual({ status: "expired" });
    expect(judge(reply, github, url, false, now).status).toBe("refused");
    expect(judge({ ...reply, status: 401 }, github, url, true, now).status).toBe("refused");
  });

  it("quotes nothing of what it got", () => {
    for (const status of [200, 301, 400, 401, 403, 404, 422, 500]) {
      const found = verdict(status, { location: "https://s3cr3t/" }, "<p>s3cr3t</p>");
      expect("error" in found ? `${found.error.message} ${found.error.hint}` : "").not.toContain("s3cr3t");
    }
  });
});

describe("rateLimit", () => {
  it("counts by the service's clock, and an hour at most", () => {
    const headers = { "x-ratelimit-remaining": "7", "x-ratelimit-reset": reset };
    expect(rateLimit(headers, now)).toEqual({ remaining: 7, resetMs: 601_000 });
    expect(rateLimit({ ...headers, date }, now - 5_000_000)).toEqual({ remaining: 7, resetMs: 601_000 });
    expect(rateLimit({ ...headers, "x-ratelimit-reset": "99999999999" }, now)?.resetMs).toBe(3_600_000);
    expect(rateLimit({ ...headers, "x-ratelimit-reset": "soon" }, now)).toBeUndefined();
    expect(rateLimit({}, now)).toBeUndefined();
  });
});

describe("nextLink", () => {
  // The header as GitHub's page shows it:
  // https://docs.github.com/en/enterprise-cloud@latest/admin/monitoring-activity-in-your-enterprise/reviewing-audit-logs-for-your-enterprise/using-the-audit-log-api-for-your-enterprise
  it("finds the next page among others", () => {
    const page = (query: string): string => `https://api.github.com/enterprises/13827/audit-log?per_page=100&${query}`;
    const header = `<${page("after=MS42NjQzODMzNTk5MjdlKzEyfDloQzBx&before=")}>; rel="next",\n<${page("after=&before=")}>; rel="first",\n<${page("after=&before=MS4")}>; rel="prev"`;
    expect(nextLink(header, url)?.href).toBe(page("after=MS42NjQzODMzNTk5MjdlKzEyfDloQzBx&before="));
  });

  it.each([
    ['<https://a.example/?x=1,2;3>; title="a"; rel=next', "https://a.example/?x=1,2;3"],
    ['</p>; rel="prev next"', "https://api.github.com/p"],
    ['<https://a.example/1>; rel="self", <https://a.example/2>; REL="NEXT"', "https://a.example/2"],
    ['<https://a.example/1>; rel="nextish"', undefined],
    ['<https://[>; rel="next"', undefined],
    ["", undefined],
    [undefined, undefined],
  ])("reads %s", (header, found) => {
    expect(nextLink(header, url)?.href).toBe(found);
  });
});

describe("pageRecords", () => {
  it("hands on each record to the byte, on one line", () => {
    const text = '  [ {"a": 1.00000000000000000001, "b":"]},{\\""},\n{"c":\n[{}]}, {} ]\n';
    expect(pageRecords(Buffer.from(text))?.map(String)).toEqual([
      '{"a": 1.00000000000000000001, "b":"]},{\\""}',
      '{"c": [{}]}',
      "{}",
    ]);
    expect(pageRecords(Buffer.from("[]"))).toEqual([]);
  });

  it.each(["", "{}", "null", "[1]", "[{}", "[{},]", "<p>", "[{}]x"])("takes %s for no page", (text) => {
    expect(pageRecords(Buffer.from(text))).toBeUndefined();
  });
});
