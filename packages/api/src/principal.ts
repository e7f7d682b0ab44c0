import type { Actor } from "@headgate/core";

/**
 * What somebody may do.
 * - `ingest`: append events of its organization; nothing else.
 * - `viewer`: read its organization's events, streams, deliveries, quarantine and alerts.
 * - `admin`: all of its organization, streams and tokens included.
 * - `operator`: everything, over all organizations.
 */
export type Role = "ingest" | "viewer" | "admin" | "operator";

/** Who makes a request, as a bearer token or the host's own session tells. */
export interface Principal {
  /** Stands in the audit log as the actor of every change. */
  readonly actor: Actor;
  readonly role: Role;
  /** The one organization that it may reach; absent for an operator alone. */
  readonly organization?: string;
  /** Address that the request came from, where the host knows it: stands in the audit log. */
  readonly ip?: string;
  /** When its credentials run out, Unix ms: tokens that it makes run out no later. */
  readonly expiresAt?: number;
}
