import { DatabaseSync } from "node:sqlite";
import { journalEvents, upTo } from "@headgate/store-testkit";
import { describe, expect, it } from "vitest";
import { hashId, organizationSeed } from "./id-hash.ts";
import { idLookup } from "./id-lookup.ts";
import type { JournalWriter } from "./journal-writer.ts";
import { journalWriter } from "./journal-writer.ts";
import { packEvents, unpackEvents } from "./packed-events.ts";
import type { AppendReply, AppendRequest } from "./protocol.ts";
import { laterSchema, schema } from "./schema.ts";
import { skipTable } from "./skip-table.ts";

function inMemory(): { readonly database: DatabaseSync; readonly writer: JournalWriter } {
  const database = new DatabaseSync(":memory:");
  database.exec(`${schema}; ${laterSchema}`);
  const skips = skipTable(database);
  return { database, writer: journalWriter(database, idLookup(database, ":memory:"), skips, () => {}) };
}

/** An append whose ids all have the same hash, as if the hash were broken. */
function colliding(organization: string, prefix: string, count: number): AppendRequest {
  const packed = packEvents(journalEvents(prefix, count), [0, 0]);
  unpackEvents(packed, count).hashes.fill(77);
  return { organization, now: 1, count, packed };
}

function commit(
  database: DatabaseSync,
  writer: JournalWriter,
  requests: readonly AppendRequest[],
): readonly AppendReply[] {
  database.exec("BEGIN IMMEDIATE");
  const replies = writer.append(requests);
  database.exec("COMMIT");
  writer.committed();
  return replies;
}

const all = ({ sequences, accepted }: AppendReply): readonly number[] =>
  typeof sequences === "number" ? upTo(accepted).map((n) => sequences + n - 1) : Array.from(sequences);

describe("journalWriter", () => {
  it("tells ids apart whose hashes collide", () => {
    const { database, writer } = inMemory();
    const [a, b, again, other] = commit(database, writer, [
      colliding("org_a", "a", 5),
      colliding("org_a", "b", 5),
      colliding("org_a", "a", 5),
      colliding("org_b", "a", 5),
    ]).map(all);
    expect([a, b, again, other]).toEqual([upTo(5), [6, 7, 8, 9, 10], upTo(5), upTo(5)]);
    const later = commit(database, writer, [colliding("org_a", "b", 7), colliding("org_b", "b", 1)]).map(all);
    expect(later).toEqual([[6, 7, 8, 9, 10, 11, 12], [6]]);
  });

  it("stores again what was rolled back", () => {
    const { database, writer } = inMemory();
    commit(database, writer, [colliding("org_a", "a", 2)]);
    database.exec("BEGIN IMMEDIATE");
    writer.append([colliding("org_a", "lost", 3)]);
    database.exec("ROLLBACK");
    writer.rolledBack();
    expect(commit(database, writer, [colliding("org_a", "kept", 3)]).map(all)).toEqual([[3, 4, 5]]);
    expect(commit(database, writer, [colliding("org_a", "lost", 3), colliding("org_a", "kept", 3)]).map(all)).toEqual([
      [6, 7, 8],
      [3, 4, 5],
    ]);
  });
});

describe("hashId", () => {
  it("spreads ids that look alike, apart by organization and by store", () => {
    const target = new Uint32Array(2);
    const seen = new Set<string>();
    for (const seed of [
      [0, 0],
      [1, 2],
    ] as const) {
      for (const organization of ["org_1", "org_2"]) {
        for (let n = 0; n < 50_000; n++) {
          hashId(
            `01981f2e-7c1a-7f3e-9a51-${String(n).padStart(12, "0")}`,
            organizationSeed(organization, seed),
            target,
            0,
          );
          seen.add(target.join());
        }
      }
    }
    expect(seen.size).toBe(200_000);
  });
});
