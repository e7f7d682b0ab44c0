import { formatTimestamp, hourMs, hourOf } from "@headgate/core";
import type { Finding, Findings } from "./finding.ts";
import type { Ledger, Row } from "./ledger.ts";

/** A chain of digests, as the ledger knows it. */
export interface Chain {
  readonly id: number;
  readonly organization: string;
  readonly stream: string;
  readonly name: string;
}

/** What a walk along a chain tells of it. */
export interface WalkedChain extends Chain {
  readonly digests: number;
  readonly numbers: readonly [number, number];
  /** RFC 3339, UTC. */
  readonly from: string;
  readonly to: string;
  readonly after: number;
  readonly through: number;
  /** The last digest says that the chain ends with it. */
  readonly final: boolean;
  /** Ranges of sequences that only missing digests could vouch for. */
  readonly holes: readonly (readonly [number, number])[];
}

/** How far a chain must reach. */
export interface Reach {
  /** Where the audit begins, Unix ms; undefined where it is at the beginning. */
  readonly from: number | undefined;
  /** The last digest may not be older, Unix ms; undefined where it must be the last one that was due by `now`. */
  readonly until: number | undefined;
  /** Unix ms. */
  readonly now: number;
}

/**
 * Walks along a chain by number, one digest at a time: marks those of which it is made, and tells where it is cut, broken,
 * forked or signed by somebody else.
 */
export function walkChain(chain: Chain, reach: Reach, ledger: Ledger, findings: Findings): WalkedChain {
  const { id } = chain;
  const who = { organization: chain.organization, stream: chain.stream, chain: chain.name };
  const report = (finding: Finding): void => findings.add({ ...who, ...finding });
  const base = ledger.one(
    "SELECT relation FROM digest WHERE chain = ? AND relation IS NOT NULL GROUP BY relation ORDER BY count(*) DESC, relation LIMIT 1",
    id,
  )?.["relation"];
  const relation = typeof base === "string" ? base : "+";
  ledger.run("UPDATE chain SET base = ? WHERE id = ?", relation, id);
  const signatures = createSignatureRuns(report);
  const holes: [number, number][] = [];
  let digests = 0;
  let first: Row | undefined;
  let last: Row | undefined;

  function follow(digest: Row): void {
    const number = Number(digest["number"]);
    digests++;
    ledger.run("UPDATE digest SET used = 1 WHERE id = ?", digest["id"] ?? 0);
    signatures.add(number, String(digest["signature"]), String(digest["key_id"]));
    if (digest["relation"] !== relation) {
      report({
        kind: "digest_moved",
        message: `Digest ${number} stands at ${String(digest["found"])}, and its place is ${String(digest["claimed"])}`,
        digests: [number, number],
        key: String(digest["found"]),
        belongs: String(digest["claimed"]),
      });
    }
    if (last === undefined) reportHead(digest, reach, report);
    else if (Number(last["number"]) + 1 === number) reportBreak(last, digest, report);
    else {
      const numbers = [Number(last["number"]) + 1, number - 1] as const;
      const sequences = [Number(last["through"]) + 1, Number(digest["after"])] as const;
      const none = sequences[0] > sequences[1];
      if (!none) holes.push([...sequences]);
      report({
        kind: "digest_missing",
        message: `${digestsText(numbers)} of ${String(last["ended"])} to ${String(digest["began"])} ${numbers[0] === numbers[1] ? "is" : "are"} missing${none ? "" : `, and with ${numbers[0] === numbers[1] ? "it" : "them"} the proof of sequences ${rangeText(sequences)}`}`,
        digests: numbers,
        from: String(last["ended"]),
        to: String(digest["began"]),
        ...(!none && { sequences }),
      });
    }
    first ??= digest;
    last = digest;
  }

  for (const candidates of byNumber(ledger, id)) follow(chosen(candidates, relation, last, report));
  signatures.end();
  const [begin, end] = [first, last];
  if (begin === undefined || end === undefined) throw new Error("a chain without digests");
  return {
    ...chain,
    digests,
    numbers: [Number(begin["number"]), Number(end["number"])],
    from: String(begin["began"]),
    to: String(end["ended"]),
    after: Number(begin["after"]),
    through: Number(end["through"]),
    final: end["final"] === 1,
    holes,
  };
}

/** Tells where a chain ends too early. `successor` begins with the same stream, made again. */
export function reportTail(
  { to, numbers, organization, stream, name, through, final }: WalkedChain,
  { until, now }: Reach,
  successor: string | undefined,
  findings: Findings,
): void {
  const ended = Date.parse(to);
  const due = nextDigestDue(ended);
  // Its stream was deleted, and its runner has signed that nothing comes any more.
  if (final || (until === undefined ? now <= due : ended >= until)) return;
  // The same stream made again at once: nothing lies between.
  if (successor !== undefined && Date.parse(successor) <= due) return;
  const wanted =
    until === undefined
      ? `and its next digest was due by ${formatTimestamp(due)}`
      : `where it should reach until ${formatTimestamp(until)}`;
  findings.add({
    kind: "chain_cut_at_tail",
    message: `The chain ends with digest ${numbers[1]} at ${to}, ${wanted}: nothing shows what came after sequence ${through}`,
    organization,
    stream,
    chain: name,
    digests: [numbers[1], numbers[1]],
    from: to,
    to: formatTimestamp(until ?? due),
  });
}

/** Digests are made in the first sixth of an hour; one that is made on its own may wait for its signature or delivery. In ms. */
const [spreadMs, lateMs] = [hourMs / 6, hourMs / 4];

/** By when a chain's next digest must be stored, whatever else happens; both Unix ms. */
export function nextDigestDue(to: number): number {
  // Of one that was delivered after the hour's end, the next one is due an hour later.
  return hourOf(to + lateMs) + hourMs + spreadMs + lateMs;
}

function* byNumber(ledger: Ledger, chain: number): Generator<readonly Row[]> {
  let held: Row[] = [];
  for (const digest of ledger.rows("SELECT * FROM digest WHERE chain = ? ORDER BY number, id", chain)) {
    if (held.length > 0 && held[0]?.["number"] !== digest["number"]) {
      yield held;
      held = [];
    }
    // Whoever floods one number gains nothing but the finding.
    if (held.length < 100) held.push(digest);
  }
  if (held.length > 0) yield held;
}

/** Of several digests with one number, the one that is most likely the chain's own. */
function chosen(
  candidates: readonly Row[],
  relation: string,
  last: Row | undefined,
  report: (finding: Finding) => void,
): Row {
  const points = (digest: Row): number =>
    (digest["signature"] === "valid" ? 4 : 0) +
    (last !== undefined && digest["previous"] === last["hash"] ? 2 : 0) +
    (digest["relation"] === relation ? 1 : 0);
  const best = candidates.reduce((a, b) => (points(b) > points(a) ? b : a));
  const number = Number(best["number"]);
  for (const other of candidates) {
    if (other === best) continue;
    const same = other["hash"] === best["hash"];
    const [here, there] = [String(other["found"]), String(best["found"])];
    report({
      kind: same ? "digest_copied" : "digest_fork",
      message: same
        ? `Digest ${number} stands a second time at ${here}`
        : `There are two different digests with the number ${number}, at ${there} and at ${here}`,
      digests: [number, number],
      key: here,
      belongs: same ? String(best["claimed"]) : there,
    });
  }
  return best;
}

function reportHead(digest: Row, { from }: Reach, report: (finding: Finding) => void): void {
  const number = Number(digest["number"]);
  if (number === 1) return;
  const began = String(digest["began"]);
  if (from !== undefined && Date.parse(began) <= from) return;
  report({
    kind: "chain_cut_at_head",
    message:
      from === undefined
        ? `The chain begins with digest ${number}: ${digestsText([1, number - 1])}, of before ${began}, ${number === 2 ? "is" : "are"} missing`
        : `The chain begins with digest ${number}: what is between ${formatTimestamp(from)} and ${began} is missing`,
    digests: [1, number - 1],
    to: began,
  });
}

function reportBreak(before: Row, digest: Row, report: (finding: Finding) => void): void {
  const number = Number(digest["number"]);
  const breaks = [
    ...(digest["previous"] === before["hash"] ? [] : ["names another digest before it by its hash"]),
    ...(digest["began"] === before["ended"]
      ? []
      : [`begins at ${String(digest["began"])}, not at ${String(before["ended"])}`]),
    ...(digest["after"] === before["through"]
      ? []
      : [`goes on after sequence ${String(digest["after"])}, not after ${String(before["through"])}`]),
  ];
  if (breaks.length === 0) return;
  report({
    kind: "chain_broken",
    message: `Digest ${number} does not follow digest ${number - 1}, or one of the two was altered: it ${breaks.join(", and ")}`,
    digests: [number - 1, number],
    key: String(digest["found"]),
  });
}

/** Tells of neighbouring digests with the same fault in one finding. */
function createSignatureRuns(report: (finding: Finding) => void): {
  add(number: number, verdict: string, key: string): void;
  end(): void;
} {
  let run: { first: number; last: number; verdict: string; key: string } | undefined;
  function end(): void {
    if (run !== undefined && (run.verdict === "invalid" || run.verdict === "unknown")) {
      const numbers = [run.first, run.last] as const;
      const wrong = run.verdict === "invalid";
      const has = run.first === run.last ? "carries" : "carry";
      report({
        kind: wrong ? "signature_wrong" : "signature_of_unknown_key",
        message: wrong
          ? `${digestsText(numbers)} ${has} a wrong signature of key ${run.key}: altered, or signed by somebody else`
          : `${digestsText(numbers)} ${has} a signature of key ${run.key}, which is not among the keys given`,
        digests: numbers,
      });
    }
    run = undefined;
  }
  return {
    add(number, verdict, key) {
      if (run !== undefined && run.verdict === verdict && run.key === key) run.last = number;
      else {
        end();
        run = { first: number, last: number, verdict, key };
      }
    },
    end,
  };
}

function digestsText([first, last]: readonly [number, number]): string {
  return first === last ? `Digest ${first}` : `Digests ${first} to ${last}`;
}

/** `7`, or `7 to 9`. */
export function rangeText([first, last]: readonly [number, number]): string {
  return first === last ? String(first) : `${first} to ${last}`;
}
