import {
  type Digest,
  type DigestFile,
  digestHash,
  type DigestKeySet,
  type LabelledRange,
  parseDigestFile,
  verifyDigest,
} from "@headgate/core";
import { foundKey, isOfAnother, objectStart, relationOf } from "./digest-place.ts";
import type { Findings } from "./finding.ts";
import type { Ledger } from "./ledger.ts";

/** Enters one digest's file into the ledger, and tells what is wrong with it by itself. */
export function readDigest(
  { key, bytes }: { readonly key: string; readonly bytes: Uint8Array },
  { ledger, findings, keys, stream, from }: DigestReading,
): void {
  const file = parsed(key, bytes, isOfAnother(key, stream) ? undefined : findings);
  if (file === undefined) return;
  const { digest, line } = file;
  const verdict = keys === undefined ? "unchecked" : verifyDigest(line, file.signature, keys);
  const isTrusted = verdict === "unchecked" || verdict === "valid";
  if (stream !== undefined && digest.stream !== stream) {
    // Anybody can write a digest that names what they have slipped in.
    if (isTrusted) enterOther(digest, key, ledger);
    return;
  }
  if (from !== undefined && Date.parse(digest.to) < from) {
    // What it vouches for is of before the audit's beginning; that its chain goes on is not.
    if (isTrusted) enterEarlier(digest, ledger);
    return;
  }
  const who = { organization: digest.organization, stream: digest.stream, chain: digest.chain };
  const problem = inconsistency(digest);
  if (problem !== undefined) {
    const message = `Digest ${digest.number} at ${key} contradicts itself: ${problem}`;
    findings.add({ kind: "digest_inconsistent", message, ...who, digests: [digest.number, digest.number], key });
  }
  const id = enterDigest(file, digestHash(line), key, ledger, verdict);
  for (const { key: name, sha1, sha256, bytes: size, count, first, last } of digest.objects ?? []) {
    ledger.run(
      "INSERT INTO named (digest, key, sha1, sha256, bytes, count, first, last) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      id,
      name,
      sha1,
      sha256,
      size,
      count,
      first,
      last,
    );
  }
  for (const [kind, ranges] of [["q", digest.quarantined] as const, ["l", digest.lost] as const]) {
    for (const [first, last, reason] of ranges)
      ledger.run("INSERT INTO label VALUES (?, ?, ?, ?, ?)", id, kind, first, last, reason);
  }
}

function enterOther({ key, objects }: Digest, found: string, ledger: Ledger): void {
  const relation = key === null ? undefined : relationOf(key, found);
  if (relation === undefined) return;
  for (const object of objects ?? [])
    ledger.run("INSERT OR IGNORE INTO other VALUES (?)", foundKey(object.key, relation) ?? "");
}

function enterEarlier({ organization, stream, chain, number, sequences, to, final }: Digest, ledger: Ledger): void {
  ledger.run(
    `INSERT INTO earlier VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET number = excluded.number, after = excluded.after,
      through = excluded.through, "to" = excluded."to", final = excluded.final WHERE excluded.number > number`,
    organization,
    stream,
    chain,
    number,
    sequences.after,
    sequences.through,
    to,
    final === true ? 1 : 0,
  );
}

/** What reading digests needs. */
export interface DigestReading {
  readonly ledger: Ledger;
  readonly findings: Findings;
  /** Undefined where nobody's signature is checked. */
  readonly keys: DigestKeySet | undefined;
  /** Only this stream's. */
  readonly stream: string | undefined;
  /** Only those that end then or later, Unix ms. */
  readonly from: number | undefined;
}

function parsed(key: string, bytes: Uint8Array, findings: Findings | undefined): DigestFile | undefined {
  try {
    return parseDigestFile(bytes);
  } catch (error) {
    const end = bytes.indexOf(0x0a);
    const unsigned = bytes.length > 0 && (end < 0 || end === bytes.length - 1) && bytes[0] === 0x7b;
    const message = unsigned
      ? `The digest at ${key} has lost its second line, and with it its signature`
      : `${key} is no valid digest, or has been altered (${(error as Error).message})`;
    findings?.add({ kind: unsigned ? "signature_missing" : "digest_invalid", message, key });
    return undefined;
  }
}

function enterDigest(
  { digest, signature }: DigestFile,
  hash: string,
  found: string,
  ledger: Ledger,
  verdict: string,
): number {
  const { organization, stream, chain, number, key, from, to, previous, sequences, counts, final } = digest;
  ledger.run("INSERT OR IGNORE INTO chain (organization, stream, name) VALUES (?, ?, ?)", organization, stream, chain);
  const { id } = ledger.one(
    "SELECT id FROM chain WHERE organization = ? AND stream = ? AND name = ?",
    organization,
    stream,
    chain,
  ) as { readonly id: number };
  const relation = key === null ? undefined : relationOf(key, found);
  if (key !== null && relation !== undefined)
    ledger.run("INSERT OR IGNORE INTO root VALUES (?)", objectStart(key, relation));
  ledger.run(
    `INSERT INTO digest (chain, number, found, claimed, relation, hash, previous, began, ended, after, through, delivered,
      quarantined, filtered, lost, signature, key_id, final) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    number,
    found,
    key,
    relation ?? null,
    hash,
    previous,
    from,
    to,
    sequences.after,
    sequences.through,
    counts.delivered,
    counts.quarantined,
    counts.filtered,
    counts.lost,
    verdict,
    signature.key_id,
    Number(final === true),
  );
  return (ledger.one("SELECT last_insert_rowid() AS id") as { readonly id: number }).id;
}

/** What a digest says that cannot be so, whatever else there is. */
function inconsistency({ from, to, number, previous, sequences, counts, ...rest }: Digest): string | undefined {
  if (to < from) return "it ends before it begins";
  if ((number === 1) !== (previous === null)) return "the first alone has no digest before it";
  for (const [name, ranges] of [
    ["quarantined", rest.quarantined],
    ["lost", rest.lost],
  ] as const) {
    if (sizeOf(ranges) !== counts[name]) return `it lists other sequences as ${name} than it counts`;
  }
  const all = [...rest.quarantined, ...rest.lost].sort(([a], [b]) => a - b);
  let last = sequences.after;
  for (const [first, end] of all) {
    if (first <= last || end > sequences.through) return "it lists sequences twice, or others than its own";
    last = end;
  }
  return undefined;
}

function sizeOf(ranges: readonly LabelledRange[]): number {
  return ranges.reduce((size, [first, last]) => size + last - first + 1, 0);
}
