import { HeadgateError, type Lease, type Leases } from "@headgate/core";
import type { DatabaseClock } from "./clock-column.ts";
import { bigint, numberOf, type Row, textOf } from "./columns.ts";
import type { Database, Queries } from "./database.ts";

/**
 * Keeps a lease from changing hands until the transaction ends; renewing it is no change, and goes on.
 * @throws `lease_lost` unless it is the one that was given last
 */
export async function assertHeld(queries: Queries, schema: string, lease: Lease): Promise<void> {
  const { count } = await queries.query(
    `SELECT FROM "${schema}".lease WHERE name = $1 AND holder = $2 AND token = $3 FOR KEY SHARE`,
    [lease.name, lease.holder, bigint(lease.token)],
  );
  if (count === 0) throw lost(lease);
}

function lost({ name, holder }: Lease): HeadgateError {
  return new HeadgateError("lease_lost", `The lease ${name} is no longer held by ${holder}.`);
}

const leaseIn = (row: Row): Lease => ({
  name: textOf(row, "name"),
  holder: textOf(row, "holder"),
  token: numberOf(row, "token"),
  expiresAt: numberOf(row, "expires_at"),
});

/** Leases by the database's clock. Rows are locked in order of name, so that runners that ask for many wait in no ring. */
export function leaseTable(database: Database, schema: string, clock: DatabaseClock): Leases {
  const table = `"${schema}".lease`;
  const columns = "name, holder, token, expires_at";

  /** Those of the names that the holder has already, with more time. */
  async function prolong(queries: Queries, names: readonly string[], holder: string, ttlMs: number): Promise<Lease[]> {
    const { rows } = await queries.query(
      `WITH own AS (SELECT name FROM ${table} WHERE name = ANY($1::text[]) AND holder = $2 ORDER BY name FOR NO KEY UPDATE)
       UPDATE ${table} l SET expires_at = ${clock.at(3)} + $4 FROM own WHERE l.name = own.name AND l.holder = $2
       RETURNING l.name, l.holder, l.token, l.expires_at`,
      [names, holder, clock.value(), bigint(ttlMs)],
    );
    return rows.map(leaseIn);
  }

  /** Those of the names that nobody has. */
  async function take(queries: Queries, names: readonly string[], holder: string, ttlMs: number): Promise<Lease[]> {
    const held = `holder IS NOT NULL AND expires_at > ${clock.at(2)}`;
    // This lock, which is stronger than an update's own, waits for commits that an earlier holder has under way.
    await queries.query(
      `SELECT FROM ${table} WHERE name = ANY($1::text[]) AND NOT (${held}) ORDER BY name FOR UPDATE`,
      [names, clock.value()],
    );
    const { rows } = await queries.query(
      `INSERT INTO ${table} AS l(${columns}) SELECT n, $3, 1, ${clock.at(2)} + $4 FROM unnest($1::text[]) AS n
         WHERE NOT EXISTS (SELECT FROM ${table} WHERE name = n AND ${held}) ORDER BY n
       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = l.token + 1, expires_at = excluded.expires_at
         WHERE l.holder IS NULL OR l.expires_at <= ${clock.at(2)} RETURNING ${columns}`,
      [names, clock.value(), holder, bigint(ttlMs)],
    );
    return rows.map(leaseIn);
  }

  const acquireAll: Leases["acquireAll"] = (names, holder, ttlMs) =>
    database.transaction(
      async (queries) => {
        const own = await prolong(queries, names, holder, ttlMs);
        const rest = names.filter((name) => !own.some((lease) => lease.name === name));
        const taken = rest.length === 0 ? [] : await take(queries, rest, holder, ttlMs);
        const all = new Map([...own, ...taken].map((lease) => [lease.name, lease]));
        return names.flatMap((name) => all.get(name) ?? []);
      },
      { repeatable: true },
    );

  async function releaseAll(leases: readonly Lease[]): Promise<void> {
    const own = [
      leases.map(({ name }) => name),
      leases.map(({ holder }) => holder),
      leases.map(({ token }) => bigint(token)),
    ];
    await database.transaction(
      async (queries) => {
        await queries.query(
          `SELECT FROM ${table} WHERE name = ANY($1::text[]) AND holder = ANY($2::text[]) ORDER BY name FOR UPDATE`,
          own.slice(0, 2),
        );
        await queries.query(
          `UPDATE ${table} l SET holder = NULL, expires_at = 0
           FROM unnest($1::text[], $2::text[], $3::bigint[]) AS r(name, holder, token)
           WHERE l.name = r.name AND l.holder = r.holder AND l.token = r.token`,
          own,
        );
      },
      { repeatable: true },
    );
  }

  const held = `SELECT ${columns} FROM ${table} WHERE holder IS NOT NULL AND expires_at > ${clock.at(2)}`;

  return {
    acquireAll,
    releaseAll,
    acquire: async (name, holder, ttlMs) => (await acquireAll([name], holder, ttlMs))[0],
    renew: (lease, ttlMs) =>
      database.transaction(
        async (queries) => {
          const { rows } = await queries.query(
            `UPDATE ${table} SET expires_at = ${clock.at(4)} + $5 WHERE name = $1 AND holder = $2 AND token = $3
             RETURNING ${columns}`,
            [lease.name, lease.holder, bigint(lease.token), clock.value(), bigint(ttlMs)],
          );
          if (rows[0] === undefined) throw lost(lease);
          return leaseIn(rows[0]);
        },
        { repeatable: true },
      ),
    release: (lease) => releaseAll([lease]),
    async current(name) {
      const { rows } = await database.read(`${held} AND name = $1`, [name, clock.value()]);
      return rows[0] && leaseIn(rows[0]);
    },
    async list(prefix) {
      const { rows } = await database.read(`${held} AND starts_with(name, $1) ORDER BY name`, [prefix, clock.value()]);
      return rows.map(leaseIn);
    },
  };
}
