import {
  type LoggedRecord,
  type LogReply,
  type LogServer,
  type LogServerOptions,
  startLogServer,
} from "./log-server.ts";

/** The token that {@link githubLog} takes. */
export const githubToken = "ghp_0123456789abcdefghijklmnopqrstuvwxyz";

// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
const limits = {
  limit: "x-ratelimit-limit",
  remaining: "x-ratelimit-remaining",
  reset: "x-ratelimit-reset",
  status: 403,
};

/**
 * A strict stand-in for GitHub's `GET /orgs/acme/audit-log`. By
 * https://docs.github.com/en/enterprise-cloud@latest/rest/orgs/orgs#get-the-audit-log-for-an-organization: `phrase`,
 * `include`, `order`, `per_page` up to 100, and `after` "as given in the Link header". A link names the organization by its
 * number, and the last page names no next one:
 * https://docs.github.com/en/enterprise-cloud@latest/admin/monitoring-activity-in-your-enterprise/reviewing-audit-logs-for-your-enterprise/using-the-audit-log-api-for-your-enterprise
 */
export function githubLog(options: LogServerOptions = {}): Promise<LogServer> {
  const { pageSize = 100, repeats = 0 } = options;
  const given = new Set<string>();
  return startLogServer(options, limits, ({ url, headers }, visible, fault) => {
    const query = url.searchParams;
    const linked = given.has(url.pathname + url.search);
    if (headers.authorization !== `Bearer ${githubToken}`)
      return { status: 401, body: '{"message":"Bad credentials"}' };
    if (headers.accept !== "application/vnd.github+json") return fault("another Accept than is recommended");
    if (headers["x-github-api-version"] !== "2022-11-28") return fault("no API version");
    if (!linked && url.pathname !== "/orgs/acme/audit-log") return { status: 404, body: '{"message":"Not Found"}' };
    if (!linked && (query.has("after") || query.has("before"))) return fault("a cursor that was never given");
    if (query.get("order") !== "asc") return fault("not in ascending order");
    if (!["all", "web", "git"].includes(query.get("include") ?? "")) return fault("include is none of its values");
    const most = Number(query.get("per_page"));
    if (!(most >= 1 && most <= 100)) return fault("per_page is not from 1 to 100");
    const created = /(?:^| )created:>=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00)$/.exec(query.get("phrase") ?? "");
    if (created === null) return fault("the phrase asks for no time");
    const from = Date.parse(created[1] as string);

    const order = (a: LoggedRecord, b: LoggedRecord): number => a.at - b.at || (a.id < b.id ? -1 : 1);
    const [at = "", id = ""] = Buffer.from(query.get("after") ?? "", "base64url")
      .toString()
      .split("|");
    const after = (record: LoggedRecord): boolean =>
      !query.has("after") || record.at > Number(at) || (record.at === Number(at) && record.id > id);
    const matching = visible.filter((record) => record.at >= from && after(record)).sort(order);
    const page = matching.slice(0, Math.min(most, pageSize));
    const last = page.at(-1 - Math.min(repeats, page.length - 1));
    const link = new URL(url);
    link.pathname = "/organizations/13827/audit-log";
    link.searchParams.set("after", Buffer.from(`${last?.at}|${last?.id}`).toString("base64url"));
    link.searchParams.set("before", "");
    const more = matching.length > page.length;
    if (more) given.add(link.pathname + link.search);
    const relations = [`<${url.href}>; rel="first"`, ...(more ? [`<${link.href}>; rel="next"`] : [])];
    const reply: LogReply = {
      status: 200,
      headers: { link: relations.join(", ") },
      body: `[${page.map(({ text }) => text).join(",")}]`,
    };
    return reply;
  });
}

/** An entry as GitHub writes them: "Timestamps and date fields in the API response are measured in UTC epoch milliseconds." */
export function githubRecord(id: string, at: number, visibleAt: number = at): LoggedRecord {
  const text = `{"@timestamp":${at},"_document_id":"${id}","action":"repo.create","actor":"octocat","created_at":${at},"org":"acme","repo":"acme/${id}"}`;
  return { id, at, visibleAt, text };
}
