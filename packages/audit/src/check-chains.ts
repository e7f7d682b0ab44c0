import { type Account, accountSequences } from "./account-sequences.ts";
import { checkAcrossChains } from "./check-across-chains.ts";
import { type Chain, reportTail, type Reach, walkChain, type WalkedChain } from "./check-chain.ts";
import { checkObjects } from "./check-objects.ts";
import { checkUnnamed } from "./check-unnamed.ts";
import { objectStart } from "./digest-place.ts";
import type { Findings } from "./finding.ts";
import type { Ledger } from "./ledger.ts";
import { rootOf } from "./object-key.ts";
import { type ChainReport, listLimit, type SignatureState } from "./report.ts";

/** One chain's report, and the account of its sequences. */
export interface CheckedChain {
  readonly report: ChainReport;
  readonly account: Account;
  /** Nothing comes any more: its stream was deleted, or goes on in another chain. */
  readonly ended: boolean;
}

const nothing = { objects: 0, events: 0 };

/** Checks every chain by itself, once all digests and objects are in the ledger. */
export function checkChains({
  ledger,
  findings,
  reach,
  only,
}: {
  readonly ledger: Ledger;
  readonly findings: Findings;
  readonly reach: Reach;
  /** Leave alone what belongs to no chain: a stream was chosen. */
  readonly only: boolean;
}): readonly CheckedChain[] {
  ledger.run("CREATE INDEX seen_as ON seen (sha256)");
  const found = [...ledger.rows("SELECT * FROM chain ORDER BY organization, stream, name")].map(
    ({ id, organization, stream, name }): Chain => ({
      id: Number(id),
      organization: String(organization),
      stream: String(stream),
      name: String(name),
    }),
  );
  const walked = found.map((chain) => walkChain(chain, reach, ledger, findings));
  const placed = new Map(walked.map((chain) => [chain, objectRoot(chain, ledger)]));
  const newest = new Map<string, WalkedChain>();
  for (const [chain, root] of placed) {
    const other = newest.get(root);
    if (other === undefined || other.to < chain.to) newest.set(root, chain);
  }
  // Those too that end before the audit begins: a stream whose digests are all gone since has none that could be missed.
  const all = [...walked, ...endedEarlier(ledger)];
  for (const chain of all) reportTail(chain, reach, successorOf(chain, all), findings);
  for (const chain of walked) checkObjects(chain, ledger, findings);
  const repeated = checkAcrossChains(placed, ledger, findings);
  const unnamed = checkUnnamed(newest, { from: reach.from, only }, ledger, findings);
  return walked.map((chain) => {
    const own = accountSequences(chain, { partial: reach.from !== undefined }, ledger, findings);
    const duplicates = [...own.duplicates, ...(repeated.get(chain.id) ?? [])].slice(0, listLimit);
    const account = { ...own, duplicates };
    const { pending = nothing, before = nothing } = unnamed.get(chain.id) ?? {};
    const { organization, stream, name, digests, numbers, from, to, after, through } = chain;
    const { delivered, quarantined, released, filtered, lost, ahead } = account;
    const of = findings.listed.filter((finding) => finding.chain === name);
    return {
      account,
      ended: chain.final || successorOf(chain, walked) !== undefined,
      report: {
        organization,
        stream,
        chain: name,
        complete: of.length === 0,
        digests,
        numbers,
        from,
        to,
        after,
        through,
        delivered,
        quarantined,
        released,
        filtered,
        lost,
        ahead,
        pending,
        before,
      },
    };
  });
}

/** Chains of which nothing is known but their last digest, of before the audit's beginning. */
function endedEarlier(ledger: Ledger): readonly WalkedChain[] {
  const rows = ledger.rows(
    `SELECT * FROM earlier e WHERE NOT EXISTS
      (SELECT 1 FROM chain c WHERE c.organization = e.organization AND c.stream = e.stream AND c.name = e.name)`,
  );
  return [...rows].map((row) => ({
    id: -1,
    organization: String(row["organization"]),
    stream: String(row["stream"]),
    name: String(row["name"]),
    digests: 0,
    numbers: [Number(row["number"]), Number(row["number"])],
    from: String(row["to"]),
    to: String(row["to"]),
    after: Number(row["after"]),
    through: Number(row["through"]),
    final: row["final"] === 1,
    holes: [],
  }));
}

/** Whether every digest that was read carries a right signature. */
export function signatureState(ledger: Ledger): SignatureState {
  const states = [...ledger.rows("SELECT DISTINCT signature FROM digest")].map(({ signature }) => String(signature));
  if (states.length === 0) return "none";
  if (states.includes("unchecked")) return "unchecked";
  return states.every((state) => state === "valid") ? "valid" : "invalid";
}

/** What a chain's objects have in front of `year=`: its stream's prefix, as it is found. */
function objectRoot({ id }: WalkedChain, ledger: Ledger): string {
  const base = String(ledger.one("SELECT base FROM chain WHERE id = ?", id)?.["base"]);
  const claimed = String(
    ledger.one("SELECT claimed FROM digest WHERE chain = ? AND used > 0 LIMIT 1", id)?.["claimed"],
  );
  return rootOf(objectStart(claimed, base));
}

/** When the same stream was made again after a chain's end, or goes on beyond it on a store that was put back. */
function successorOf(chain: WalkedChain, all: readonly WalkedChain[]): string | undefined {
  return all
    .filter(
      (other) =>
        other !== chain &&
        other.organization === chain.organization &&
        other.stream === chain.stream &&
        other.to > chain.to &&
        other.after <= chain.through,
    )
    .map(({ from }) => from)
    .sort()[0];
}
