import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { blobOf, numberOf, textOf } from "./columns.ts";
import { skipTable } from "./skip-table.ts";

/** Stops after so many findings: what comes after rarely adds anything. */
const maxFindings = 100;

/** Reads the whole file: SQLite's own check, every checksum, and that the sequences of each organization have no gap. */
export function deepCheck(database: DatabaseSync): readonly string[] {
  const findings = database
    .prepare(`PRAGMA integrity_check(${maxFindings})`)
    .all()
    .map((row) => textOf(row, "integrity_check"))
    .filter((said) => said !== "ok");
  const groups = database.prepare(
    `SELECT org, name, heads.first AS held, last, groups.first, count, bytes, index_crc, hashes_crc, body_crc, lengths, occurred_at, hashes, body
     FROM heads JOIN groups USING (org) ORDER BY org, groups.first`,
  );
  const skips = skipTable(database);
  let organization = "";
  let next = 0;
  for (const row of groups.iterate()) {
    if (findings.length >= maxFindings) break;
    if (textOf(row, "name") !== organization) {
      organization = textOf(row, "name");
      next = numberOf(row, "held");
    }
    const first = numberOf(row, "first");
    next = (skips.at(numberOf(row, "org"), next)?.through ?? next - 1) + 1;
    if (first !== next) findings.push(`the journal of ${organization} goes from sequence ${next - 1} to ${first}`);
    next = first + numberOf(row, "count");
    const body = blobOf(row, "body");
    const index = crc32(blobOf(row, "occurred_at"), crc32(blobOf(row, "lengths")));
    const sound =
      index === numberOf(row, "index_crc") &&
      crc32(blobOf(row, "hashes")) === numberOf(row, "hashes_crc") &&
      crc32(body) === numberOf(row, "body_crc") &&
      body.length === numberOf(row, "bytes");
    if (!sound) findings.push(`the journal of ${organization} is damaged from sequence ${first} to ${next - 1}`);
  }
  return findings;
}
