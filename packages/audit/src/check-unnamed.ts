import { hourMs } from "@headgate/core";
import { rangeText, type WalkedChain } from "./check-chain.ts";
import { foundKey } from "./digest-place.ts";
import type { Findings } from "./finding.ts";
import type { Ledger, Row } from "./ledger.ts";
import { rootOf } from "./object-key.ts";

/** Objects that no digest names, and are no finding: nobody vouches for them. */
export interface Unvouched {
  readonly objects: number;
  readonly events: number;
}

/** What {@link checkUnnamed} found of a chain. */
export interface Unnamed {
  /** With sequences above the last digest's only: the next one will name them. */
  readonly pending: Unvouched;
  /** From before the chain, or the audit, begins. */
  readonly before: Unvouched;
}

/**
 * Looks at every object that no digest names. Only those of the newest chain under the same prefix can be pending.
 * `newest` are the chains by the prefix of their objects, as it is found; others than these are left alone where a stream was chosen.
 */
export function checkUnnamed(
  newest: ReadonlyMap<string, WalkedChain>,
  { from, only }: { readonly from: number | undefined; readonly only: boolean },
  ledger: Ledger,
  findings: Findings,
): ReadonlyMap<number, Unnamed> {
  const counts = new Map<number, { pending: [number, number]; before: [number, number] }>();
  const unnamed = `SELECT f.*, s.* FROM seen s JOIN file f ON f.id = s.file
    WHERE NOT EXISTS (SELECT 1 FROM owner o WHERE o.file = s.file) ORDER BY f.id`;
  for (const row of ledger.rows(unnamed)) {
    const [key, first, last, count] = [
      String(row["key"]),
      Number(row["first"]),
      Number(row["last"]),
      Number(row["count"]),
    ];
    const chain = newest.get(rootOf(key));
    if (chain === undefined && only) continue;
    if (chain !== undefined && count > 0 && chain.organization === row["organization"]) {
      // Of copies that were made of an object, none is to come and none is old.
      const copied =
        ledger.one("SELECT 1 AS is_named FROM named WHERE sha256 = ? LIMIT 1", row["sha256"] ?? "") !== undefined;
      const kind = copied ? undefined : unvouched(row, chain, from);
      if (kind !== undefined) {
        const entry = counts.get(chain.id) ?? { pending: [0, 0], before: [0, 0] };
        entry[kind][0]++;
        entry[kind][1] += count;
        counts.set(chain.id, entry);
        // Those of missing digests are at least there.
        continue;
      }
    }
    const original = originalOf(String(row["sha256"]), ledger);
    if (chain !== undefined) ledger.run("INSERT OR IGNORE INTO owner VALUES (?, ?, -1)", Number(row["file"]), chain.id);
    findings.add({
      kind: original === undefined ? "object_unnamed" : "object_copied",
      message:
        original === undefined
          ? `No digest names ${key}, which holds ${count} events${count === 0 ? "" : `, sequences ${rangeText([first, last])}`}`
          : `${key} is a copy of ${original}`,
      ...(chain !== undefined && { organization: chain.organization, stream: chain.stream, chain: chain.name }),
      ...(count > 0 && { sequences: [first, last] as const }),
      key,
      ...(original !== undefined && { belongs: original }),
    });
  }
  return new Map(
    [...counts].map(([id, { pending, before }]) => [
      id,
      { pending: { objects: pending[0], events: pending[1] }, before: { objects: before[0], events: before[1] } },
    ]),
  );
}

function unvouched(row: Row, chain: WalkedChain, from: number | undefined): "pending" | "before" | undefined {
  if (Number(row["first"]) > chain.through) return chain.final ? undefined : "pending";
  // A chain may begin in the middle of a stream's life, where digests were switched on later.
  if (from === undefined) return chain.numbers[0] === 1 && Number(row["last"]) <= chain.after ? "before" : undefined;
  // A platform's clock may be ahead by an hour: so much later than its delivery an event's own hour can be.
  return Number(row["last"]) <= chain.after && Number(row["hour"] ?? 0) < from + 2 * hourMs ? "before" : undefined;
}

function originalOf(sha256: string, ledger: Ledger): string | undefined {
  const row = ledger.one(
    `SELECT n.key, c.base FROM named n JOIN digest d ON d.id = n.digest JOIN chain c ON c.id = d.chain
      WHERE n.sha256 = ? AND d.used > 0 LIMIT 1`,
    sha256,
  );
  return row === undefined ? undefined : (foundKey(String(row["key"]), String(row["base"])) ?? String(row["key"]));
}
