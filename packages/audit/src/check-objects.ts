import type { Chain } from "./check-chain.ts";
import { foundKey } from "./digest-place.ts";
import type { Findings } from "./finding.ts";
import type { Ledger, Row } from "./ledger.ts";

/** Holds every object that a chain names against what was found, and gives each one found to its digest. */
export function checkObjects(chain: Chain, ledger: Ledger, findings: Findings): void {
  const relation = String(ledger.one("SELECT base FROM chain WHERE id = ?", chain.id)?.["base"]);
  const who = { organization: chain.organization, stream: chain.stream, chain: chain.name };
  const named = `SELECT n.*, d.number FROM named n JOIN digest d ON d.id = n.digest
    WHERE d.chain = ? AND d.used > 0 ORDER BY d.number, n.id`;
  for (const row of ledger.rows(named, chain.id)) {
    const [key, number] = [String(row["key"]), Number(row["number"])];
    const digests = [number, number] as const;
    const place = foundKey(key, relation);
    const found = ledger.one(
      `SELECT f.id, f.size, s.* FROM file f LEFT JOIN seen s ON s.file = f.id WHERE f.key = ?`,
      place ?? "",
    );
    if (place === undefined || found === undefined) {
      reportMissing(row, place ?? key, chain, ledger, findings);
      continue;
    }
    const file = Number(found["id"]);
    ledger.run("INSERT OR IGNORE INTO owner VALUES (?, ?, ?)", file, chain.id, number);
    const faults = faultsOf(row, found, chain.organization);
    if (faults.length === 0) continue;
    const other = otherName(String(found["sha256"]), key, chain.id, ledger);
    const where = other === undefined ? "" : `; it holds what belongs under ${other}`;
    findings.add({
      kind: "object_altered",
      message: `${place} is not what digest ${number} names: ${faults.join(", ")}${where}`,
      ...who,
      digests,
      sequences: [Number(row["first"]), Number(row["last"])],
      key: place,
      ...(other !== undefined && { belongs: other }),
    });
  }
}

function faultsOf(named: Row, found: Row, organization: string): readonly string[] {
  const faults: string[] = [];
  const [bytes, size] = [Number(named["bytes"]), Number(found["size"])];
  if (size !== bytes) faults.push(`${size < bytes ? "truncated: it has" : "it has"} ${size} bytes, not ${bytes}`);
  if (found["sha256"] === null) faults.push("it cannot be read");
  else if (found["sha256"] !== named["sha256"]) faults.push("its SHA-256 is another");
  if (!String(named["key"]).includes(String(named["sha1"])))
    faults.push("its name is not the SHA-1 that the digest has");
  for (const [name, what] of [
    ["count", "events"],
    ["first", "as its first sequence"],
    ["last", "as its last sequence"],
  ] as const) {
    if (found[name] !== named[name]) faults.push(`it has ${String(found[name])} ${what}, not ${String(named[name])}`);
  }
  if (found["organization"] !== null && found["organization"] !== organization)
    faults.push("it holds events of another organization");
  return faults;
}

function reportMissing(named: Row, place: string, chain: Chain, ledger: Ledger, findings: Findings): void {
  const sha256 = String(named["sha256"]);
  const number = Number(named["number"]);
  const elsewhere = ledger.one(
    `SELECT f.id, f.key FROM seen s JOIN file f ON f.id = s.file WHERE s.sha256 = ? AND f.key <> ? ORDER BY f.id LIMIT 1`,
    sha256,
    place,
  );
  const aside = ledger.one("SELECT key FROM aside WHERE sha1 = ? LIMIT 1", String(named["sha1"]));
  const key = elsewhere?.["key"] ?? aside?.["key"];
  if (elsewhere !== undefined)
    ledger.run("INSERT OR IGNORE INTO owner VALUES (?, ?, ?)", Number(elsewhere["id"]), chain.id, number);
  const sequences = [Number(named["first"]), Number(named["last"])] as const;
  findings.add({
    kind: key === undefined ? "object_missing" : "object_moved",
    message:
      key === undefined
        ? `${place}, named by digest ${number}, is missing: ${String(named["count"])} events from sequence ${sequences[0]} to ${sequences[1]}`
        : `What belongs at ${place}, named by digest ${number}, stands at ${String(key)}`,
    organization: chain.organization,
    stream: chain.stream,
    chain: chain.name,
    digests: [number, number],
    sequences,
    key: key === undefined ? place : String(key),
    ...(key !== undefined && { belongs: place }),
  });
}

function otherName(sha256: string, key: string, chain: number, ledger: Ledger): string | undefined {
  const row = ledger.one(
    `SELECT n.key FROM named n JOIN digest d ON d.id = n.digest WHERE n.sha256 = ? AND n.key <> ? AND d.chain = ? LIMIT 1`,
    sha256,
    key,
    chain,
  );
  return row === undefined ? undefined : String(row["key"]);
}
