import { compileMapping, type Mapping, type MappedParty, type MappingDefinition, parseTimestamp } from "@headgate/core";
import type { AuditApi } from "./audit-api.ts";

/** Whose System Log to read at Okta. */
export interface OktaAuditOptions {
  /** The organization's own address, e.g. `https://acme.okta.com`. */
  readonly url: URL;
  /** An API token (`SSWS`), or an OAuth 2.0 access token. */
  readonly tokenType: "ssws" | "bearer";
}

// "limit: integer between 0 and 1000", read 2026-11-27: https://developer.okta.com/docs/reference/api/system-log/#request-parameters
const limit = 1000;
// "Log data older than 90 days isn't returned", and `since` over 180 days ago is an error, read 2026-11-27:
// https://developer.okta.com/docs/reference/api/system-log/#data-retention
const keepsMs = 90 * 86_400_000;

const target = (index: number): MappedParty => ({
  type: { first: [`target[${index}].type`, { const: "unknown" }] },
  id: `target[${index}].id`,
  name: { first: [`target[${index}].alternateId`, `target[${index}].displayName`] },
});

const mapping: MappingDefinition = {
  id: "uuid",
  occurred_at: "published",
  action: "eventType",
  // A challenge has no end yet.
  outcome: {
    from: "outcome.result",
    map: { SUCCESS: "success", ALLOW: "success", FAILURE: "failure", DENY: "denied" },
    default: "unknown",
  },
  // "Nullable: TRUE": https://developer.okta.com/docs/reference/api/system-log/#attributes
  actor: {
    type: {
      first: [
        { from: "actor.type", map: { User: "user", PublicClientApp: "application", "IP address": "ip_address" } },
        "actor.type",
        { const: "unknown" },
      ],
    },
    id: { first: ["actor.id", "actor.alternateId", { const: "unknown" }] },
    name: { first: ["actor.alternateId", "actor.displayName"] },
  },
  targets: [0, 1, 2, 3].map(target),
  context: {
    ip: "client.ipAddress",
    user_agent: "client.userAgent.rawUserAgent",
    request_id: "debugContext.debugData.requestId",
    country: "client.geographicalContext.country",
    session_id: "authenticationContext.externalSessionId",
  },
  metadata: "$",
};

/** How events of Okta's System Log become events, unless the configuration says otherwise. */
export const oktaMapping: Mapping = compileMapping(mapping, "the default mapping of okta");

/**
 * Okta's System Log. Its requests are "polling requests": without `until` and ascending, they return every event by the
 * time that it was stored, also late ones, and each page names a next one, for ever.
 * https://developer.okta.com/docs/reference/api/system-log/#polling-requests, read 2026-11-27
 */
export function oktaAudit({ url, tokenType }: OktaAuditOptions): AuditApi {
  const base = `${url.href.replace(/\/$/, "")}/api/v1/logs`;
  return {
    service: "Okta",
    name: `okta ${url.host}`,
    identity: JSON.stringify([base]),
    headers: { accept: "application/json" },
    authorization: (token) => `${tokenType === "ssws" ? "SSWS" : "Bearer"} ${token}`,
    first(from) {
      const first = new URL(base);
      first.searchParams.set("since", new Date(from).toISOString());
      first.searchParams.set("sortOrder", "ASCENDING");
      first.searchParams.set("limit", String(limit));
      return first;
    },
    timeOf: ({ published }) => (typeof published === "string" ? parseTimestamp(published) : undefined),
    endless: true,
    keepsMs,
    mapping: oktaMapping,
    hints: {
      401: "Put a valid token under api.token, and its kind under api.token_type. A token dies with its administrator's account. It is tried again.",
      403: "An API token needs an administrator who may view the System Log, an access token the scope okta.logs.read. It is tried again.",
      404: "Check that api.url is the address of your Okta organization, without -admin. It is tried again.",
    },
  };
}
