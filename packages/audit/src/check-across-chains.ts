import { rangeText, type WalkedChain } from "./check-chain.ts";
import type { Findings } from "./finding.ts";
import type { Ledger } from "./ledger.ts";
import { listLimit } from "./report.ts";

/**
 * Finds sequences that stand twice because two chains name an object each that holds them: a stream that was made again, or
 * whose store was put back, has one chain after another in one place. Chains of other places are other streams' copies.
 * Returns the sequences by the later object's chain.
 */
export function checkAcrossChains(
  placed: ReadonlyMap<WalkedChain, string>,
  ledger: Ledger,
  findings: Findings,
): ReadonlyMap<number, readonly number[]> {
  const repeated = new Map<number, number[]>();
  const together = Map.groupBy(placed.keys(), (chain) => JSON.stringify([chain.organization, placed.get(chain)]));
  for (const some of together.values()) {
    if (some.length < 2) continue;
    const chains = some.toSorted((a, b) => a.from.localeCompare(b.from) || a.name.localeCompare(b.name));
    let covered: { readonly end: number; readonly chain?: WalkedChain } = { end: 0 };
    // An object that both name is one object.
    const runs = ledger.rows(
      `SELECT s.first, s.last, min(c.key) AS rank, f.key FROM owner o JOIN json_each(?) c ON c.value = o.chain
        JOIN span s ON s.file = o.file JOIN file f ON f.id = o.file
        WHERE o.number >= 0 GROUP BY s.file, s.first ORDER BY s.first, rank, s.file`,
      JSON.stringify(chains.map(({ id }) => id)),
    );
    for (const run of runs) {
      const [first, last, rank] = [run["first"], run["last"], run["rank"]].map(Number) as [number, number, number];
      const chain = chains[rank];
      if (chain !== undefined && chain !== covered.chain && first <= covered.end) {
        const range = [first, Math.min(last, covered.end)] as const;
        const listed = repeated.get(chain.id) ?? [];
        for (let at = range[0]; at <= range[1] && listed.length < listLimit; at++) listed.push(at);
        repeated.set(chain.id, listed);
        findings.add({
          kind: "sequences_repeated",
          message: `Sequences ${rangeText(range)} stand twice, in objects of two chains: ${String(run["key"])} repeats them`,
          organization: chain.organization,
          stream: chain.stream,
          chain: chain.name,
          sequences: range,
          key: String(run["key"]),
        });
      }
      if (chain !== undefined && last > covered.end) covered = { end: last, chain };
    }
  }
  return repeated;
}
