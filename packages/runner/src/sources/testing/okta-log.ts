import { type LoggedRecord, type LogServer, type LogServerOptions, startLogServer } from "./log-server.ts";

/** The token that {@link oktaLog} takes. */
export const oktaToken = "00QCjAl4MlV-WPXM0123456789abcdefghijklmnop";

// https://developer.okta.com/docs/reference/rl-best-practices/#check-your-rate-limits-with-okta-s-rate-limit-headers
const limits = {
  limit: "x-rate-limit-limit",
  remaining: "x-rate-limit-remaining",
  reset: "x-rate-limit-reset",
  status: 429,
};

/**
 * A strict stand-in for Okta's `GET /api/v1/logs`, in its "polling requests": by
 * https://developer.okta.com/docs/reference/api/system-log/#polling-requests they have no `until` and ascend, filter by the
 * time that an event was stored, may return events out of order by `published`, and always name a next page. The `after` of
 * a link is the service's own: "Don't attempt to craft requests that use this value."
 */
export function oktaLog(options: LogServerOptions = {}): Promise<LogServer> {
  const { pageSize = 1000, repeats = 0, now = Date.now } = options;
  const given = new Set<string>();
  return startLogServer(options, limits, ({ url, headers }, visible, fault) => {
    const query = url.searchParams;
    if (headers.authorization !== `SSWS ${oktaToken}`)
      return { status: 401, body: '{"errorCode":"E0000011","errorSummary":"Invalid token provided"}' };
    if (url.pathname !== "/api/v1/logs") return { status: 404, body: '{"errorCode":"E0000022"}' };
    if (query.has("after") && !given.has(url.search)) return fault("a cursor that was never given");
    if (query.has("until")) return fault("until makes it no polling request");
    if (query.get("sortOrder") !== "ASCENDING") return fault("not ascending");
    const most = Number(query.get("limit"));
    if (!(most >= 1 && most <= 1000)) return fault("limit is not from 1 to 1000");
    const since = Date.parse(query.get("since") ?? "");
    if (Number.isNaN(since)) return fault("since is no time");
    if (since < now() - 180 * 86_400_000) return fault("since is over 180 days prior to the current day");

    // In the order in which they were stored; the cursor counts them.
    const stored = [...visible].sort((a, b) => a.visibleAt - b.visibleAt || (a.id < b.id ? -1 : 1));
    const [after = "", id = ""] = Buffer.from(query.get("after") ?? "", "base64url")
      .toString()
      .split("|");
    const page = stored
      .filter((record) =>
        query.has("after")
          ? record.visibleAt > Number(after) || (record.visibleAt === Number(after) && record.id > id)
          : record.visibleAt >= since,
      )
      .slice(0, Math.min(most, pageSize));
    const last = page.at(-1 - Math.min(repeats, page.length - 1));
    const link = new URL(url);
    const place =
      last === undefined
        ? (query.get("after") ?? Buffer.from(`${since}|`).toString("base64url"))
        : Buffer.from(`${last.visibleAt}|${last.id}`).toString("base64url");
    link.searchParams.set("after", place);
    given.add(link.search);
    const relations = `<${url.href}>; rel="self", <${link.href}>; rel="next"`;
    return { status: 200, headers: { link: relations }, body: `[${page.map(({ text }) => text).join(",")}]` };
  });
}

/** An event as Okta writes them. */
export function oktaRecord(id: string, at: number, visibleAt: number = at): LoggedRecord {
  const published = new Date(at).toISOString();
  const text = `{"actor":{"id":"00u1","type":"User","alternateId":"ada@acme.example","displayName":"Ada"},"eventType":"user.session.start","outcome":{"result":"SUCCESS"},"published":"${published}","uuid":"${id}","severity":"INFO","target":[{"id":"${id}","type":"AppInstance"}]}`;
  return { id, at, visibleAt, text };
}
