import type { DatabaseSync } from "node:sqlite";
import type { Row } from "./columns.ts";
import { numberOf, textOf } from "./columns.ts";
import { Failure } from "./failure.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import { isGone } from "./process-identity.ts";
import type { LeaseRow, Operations } from "./protocol.ts";

/** What of the protocol keeps leases. */
export interface LeaseTable extends Pick<
  Operations,
  "acquireLease" | "renewLease" | "releaseLease" | "currentLease" | "acquireLeases" | "releaseLeases" | "listLeases"
> {
  /** @throws `lease_lost` unless it is the lease that was given last */
  assertHeld(lease: LeaseRow): void;
}

/** Makes the operations on leases; each runs in a transaction of its caller. */
export function leaseTable(database: DatabaseSync, self: ProcessIdentity): LeaseTable {
  const leaseRow = database.prepare("SELECT name, holder, token, expires_at, host, process FROM leases WHERE name = ?");
  // Most are of names that nobody asks for again: runners that have ended, changes that are made. They must not reach JavaScript.
  const heldRows = database.prepare(
    `SELECT name, holder, token, expires_at, host, process FROM leases
     WHERE holder IS NOT NULL AND expires_at > ?2 AND substr(name, 1, length(?1)) = ?1 ORDER BY name`,
  );
  const put = database.prepare(
    "INSERT OR REPLACE INTO leases(name, holder, token, expires_at, host, process) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const free = database.prepare(
    "UPDATE leases SET holder = NULL, expires_at = 0 WHERE name = ? AND holder = ? AND token = ?",
  );

  const holderOf = (row: Row): string | undefined => (row["holder"] === null ? undefined : textOf(row, "holder"));

  /** Whether somebody else may have it: nobody holds it, its time is over, or its process on this host has died. */
  function isFree(row: Row, now: number): boolean {
    if (holderOf(row) === undefined || numberOf(row, "expires_at") <= now) return true;
    return isGone({ host: textOf(row, "host"), process: textOf(row, "process") }, self);
  }

  function give(name: string, holder: string, token: number, expiresAt: number): LeaseRow {
    put.run(name, holder, token, expiresAt, self.host, self.process);
    return { name, holder, token, expiresAt };
  }

  function assertHeld(lease: LeaseRow): void {
    const row = leaseRow.get(lease.name);
    if (row === undefined || holderOf(row) !== lease.holder || numberOf(row, "token") !== lease.token) {
      throw new Failure("lease_lost", `The lease ${lease.name} is no longer held by ${lease.holder}.`);
    }
  }

  function acquireLease(name: string, holder: string, ttlMs: number, now: number): LeaseRow | undefined {
    const row = leaseRow.get(name);
    if (row === undefined) return give(name, holder, 1, now + ttlMs);
    if (holderOf(row) === holder) return give(name, holder, numberOf(row, "token"), now + ttlMs);
    return isFree(row, now) ? give(name, holder, numberOf(row, "token") + 1, now + ttlMs) : undefined;
  }

  const releaseLease = (lease: LeaseRow): void => void free.run(lease.name, lease.holder, lease.token);

  return {
    assertHeld,
    acquireLease,
    renewLease(lease, ttlMs, now) {
      assertHeld(lease);
      return give(lease.name, lease.holder, lease.token, now + ttlMs);
    },
    releaseLease,
    acquireLeases: (names, holder, ttlMs, now) => names.flatMap((name) => acquireLease(name, holder, ttlMs, now) ?? []),
    releaseLeases: (leases) => leases.forEach(releaseLease),
    // The prefix is compared, not matched: names are the caller's, and `%` or `_` mean nothing in them.
    listLeases: (prefix, now) =>
      heldRows.all(prefix, now).flatMap((row) => {
        const holder = holderOf(row);
        if (holder === undefined || isFree(row, now)) return [];
        return {
          name: textOf(row, "name"),
          holder,
          token: numberOf(row, "token"),
          expiresAt: numberOf(row, "expires_at"),
        };
      }),
    currentLease(name, now) {
      const row = leaseRow.get(name);
      const holder = row === undefined ? undefined : holderOf(row);
      if (row === undefined || holder === undefined || numberOf(row, "expires_at") <= now) return undefined;
      return { name, holder, token: numberOf(row, "token"), expiresAt: numberOf(row, "expires_at") };
    },
  };
}
