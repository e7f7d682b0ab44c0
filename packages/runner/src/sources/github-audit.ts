import { compileMapping, type Mapping, type MappingDefinition } from "@headgate/core";
import type { AuditApi } from "./audit-api.ts";

/** Whose audit log to read at GitHub. */
export interface GithubAuditOptions {
  /** Base of the REST API, e.g. `https://api.github.com`, or `https://HOST/api/v3` of a GitHub Enterprise Server. */
  readonly url: URL;
  /** Login of the organization. */
  readonly org: string;
  /** Web events, Git events, or both. */
  readonly include: "all" | "web" | "git";
  /** Search phrase that narrows what is read, in GitHub's syntax. It must not hold `created:`. */
  readonly phrase?: string;
}

// "per_page: the number of results per page (max 100)", "include: web, git, all", "order: desc, asc", read 2026-11-27:
// https://docs.github.com/en/enterprise-cloud@latest/rest/orgs/orgs#get-the-audit-log-for-an-organization
const perPage = 100;

const mapping: MappingDefinition = {
  // A record without a document id gets one from what it says.
  id: "_document_id",
  occurred_at: { first: ["@timestamp", "created_at"] },
  action: "action",
  // "Included in most audit log events" is the actor, not in all:
  // https://docs.github.com/en/enterprise-cloud@latest/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization
  actor: {
    type: {
      first: [
        { from: "actor_is_bot", map: { true: "bot", false: "user" } },
        { when: "actor", use: { const: "user" } },
        { const: "unknown" },
      ],
    },
    id: { first: ["actor", "actor_id", { const: "unknown" }] },
    name: "actor",
  },
  targets: [
    { type: { const: "organization" }, id: "org" },
    { type: { const: "repository" }, id: { first: ["repo", "repository"] } },
    { type: { const: "user" }, id: "user" },
    { type: { const: "team" }, id: { first: ["team", "data.team"] } },
    { type: { const: "workflow_run" }, id: "workflow_run_id" },
  ],
  context: {
    ip: "actor_ip",
    user_agent: "user_agent",
    request_id: "request_id",
    country: "actor_location.country_code",
  },
  metadata: "$",
};

/** How GitHub's audit log entries become events, unless the configuration says otherwise. */
export const githubMapping: Mapping = compileMapping(mapping, "the default mapping of github");

/** The audit log of a GitHub organization, over REST. */
export function githubAudit({ url, org, include, phrase }: GithubAuditOptions): AuditApi {
  const base = `${url.href.replace(/\/$/, "")}/orgs/${encodeURIComponent(org)}/audit-log`;
  return {
    service: "GitHub",
    name: `github ${org}`,
    identity: JSON.stringify([base, include, phrase ?? null]),
    headers: { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" },
    authorization: (token) => `Bearer ${token}`,
    first(from) {
      const first = new URL(base);
      // A time with an offset is GitHub's own form: https://docs.github.com/en/search-github/getting-started-with-searching-on-github/understanding-the-search-syntax#query-for-dates
      const created = `created:>=${new Date(from).toISOString().slice(0, 19)}+00:00`;
      first.searchParams.set("phrase", phrase === undefined ? created : `${phrase} ${created}`);
      first.searchParams.set("include", include);
      first.searchParams.set("order", "asc");
      first.searchParams.set("per_page", String(perPage));
      return first;
    },
    timeOf: (record) => milliseconds(record["@timestamp"]) ?? milliseconds(record["created_at"]),
    endless: false,
    mapping: githubMapping,
    hints: {
      401: "Put a valid token under api.token: a classic one with the scope read:audit_log, or that of an app. It is tried again.",
      403: "The token needs the scope read:audit_log (an app: Administration of the organization, read), and its user must own the organization. It is tried again.",
      404: "Check api.org. GitHub says the same to a token without the scope read:audit_log, and to plans without this API. It is tried again.",
    },
  };
}

/** "Timestamps and date fields in the API response are measured in UTC epoch milliseconds." */
function milliseconds(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
