import { printable } from "./printable.ts";
import { bytesText, countText, durationText, plural } from "./numbers.ts";
import type { AuditReport, ChainReport, OrganizationReport } from "./report.ts";

/** Findings of a kind that are shown to people; `--json` has them all. */
const shown = 20;

/** What an audit found, for people. */
export function reportText(place: string, report: AuditReport, ms: number): string {
  const { totals } = report;
  const { organizations = [] } = report;
  const read = `${plural(report.events, "event")} in ${plural(report.objects, "object")}, ${bytesText(report.bytes)}, read in ${durationText(ms)}.`;
  const lines: string[] = [];
  if (report.chains.length > 0 || totals.findings > 0) lines.push(...provenText(place, report, read));
  else if (organizations.length < 2) {
    const range = `${countText(report.first_sequence)} to ${countText(report.last_sequence)}`;
    if (report.complete) lines.push(`${place}: events ${range} are complete: ${read}`);
    else lines.push(`${place} is NOT complete: ${read}`, `Sequences ${range}.`, ...sequenceFindings(report, "  "));
  } else {
    const all = `${place}: the events of ${countText(organizations.length)} organizations are complete, each from its first to its last: ${read}`;
    lines.push(report.complete ? all : `${place} is NOT complete: ${read}`);
    const several = new Set(organizations.flatMap(({ prefixes }) => prefixes)).size > 1;
    for (const organization of organizations) {
      const state = organization.complete ? "" : "  NOT complete";
      const where = several ? ` under ${organization.prefixes.map(prefixText).join(", ")}` : "";
      lines.push(
        `${organization.organization}${where}: ${plural(organization.events, "event")}, sequences ${countText(organization.first_sequence)} to ${countText(organization.last_sequence)}${state}`,
        ...sequenceFindings(organization, "  "),
      );
    }
  }
  for (const { prefix, organizations: owners } of report.shared_prefixes.slice(0, shown)) {
    lines.push(
      `Several organizations have objects under ${prefixText(prefix)}: ${owners.slice(0, shown).join(", ")}. A stream is one organization's: --organization ORG makes any other one's a finding.`,
    );
  }
  if (report.skipped > 0) {
    lines.push(
      `${plural(report.skipped, "key")} like those of event objects ${report.skipped === 1 ? "was" : "were"} left out, because a folder or name begins with _ or a dot.`,
    );
  }
  if (report.other_objects > 0) {
    lines.push(
      `${plural(report.other_objects, "object")} of other streams, or of nobody, ${report.other_objects === 1 ? "was" : "were"} not judged.`,
    );
  }
  if (report.ignored > 0)
    lines.push(
      `${plural(report.ignored, "file")} outside the layout's folders ${report.ignored === 1 ? "was" : "were"} not looked at.`,
    );
  const bad = report.bad_objects.slice(0, shown).map(({ key, reason }) => `  bad: ${key}: ${reason}`);
  lines.push(...bad, ...rest(totals.bad_objects, "bad objects"));
  if (report.chains.length === 0)
    lines.push(
      "What came before the first event or after the last cannot be seen from the objects: compare with headgate status.",
    );
  return `${lines.map(printable).join("\n")}\n`;
}

function prefixText(prefix: string): string {
  return prefix === "" ? "the top" : prefix;
}

function sequenceFindings(
  report: Pick<OrganizationReport, "gaps" | "missing" | "duplicates" | "duplicate_ids">,
  indent: string,
): readonly string[] {
  const { gaps, missing, duplicates, duplicate_ids: ids } = report;
  const range = ([from, to]: readonly [number, number]): string => (from === to ? String(from) : `${from}–${to}`);
  const some = (items: readonly string[]): string =>
    `${items.slice(0, shown).join(", ")}${items.length > shown ? ", …" : ""}`;
  return [
    ...(gaps.length === 0 ? [] : [`${indent}missing: ${plural(missing, "event")}: ${some(gaps.map(range))}`]),
    ...(duplicates.length === 0 ? [] : [`${indent}more than once: ${some(duplicates.map(String))}`]),
    ...(ids.length === 0 ? [] : [`${indent}same id: sequences ${some(ids.map(([a, b]) => `${a} and ${b}`))}`]),
  ];
}

function rest(total: number, what: string): readonly string[] {
  return total > shown ? [`  and ${countText(total - shown)} more ${what}; --json lists them`] : [];
}

function provenText(place: string, report: AuditReport, read: string): readonly string[] {
  const { chains, findings, totals } = report;
  const sum = (value: (chain: ChainReport) => number): number =>
    chains.reduce((total, chain) => total + value(chain), 0);
  const apart = sum(({ quarantined, released }) => quarantined - released);
  const lost = sum((chain) => chain.lost);
  const filtered = sum((chain) => chain.filtered);
  const before = sum((chain) => chain.before.events);
  const pending = sum((chain) => chain.pending.events + chain.ahead);
  const notes = [
    ...(before > 0 ? [`${plural(before, "event")} from before the digests that nothing vouches for`] : []),
    ...(pending > 0 ? [`${plural(pending, "event")} that only the next digest will vouch for`] : []),
    ...(apart > 0 ? [`${plural(apart, "event")} set apart in quarantine`] : []),
    ...(lost > 0 ? [`${plural(lost, "event")} given up by an operator's limit, and lost`] : []),
    ...(filtered > 0 ? [`${plural(filtered, "event")} left out by the stream's filter`] : []),
  ];
  const but = notes.length === 0 ? "" : `, with ${notes.join(", ")}`;
  const state = report.proven ? "is complete, proven by signed digests" : "is complete";
  return [
    report.complete ? `${place} ${state}${but}: ${read}` : `${place} is NOT complete: ${read}`,
    ...(report.as_of === null ? [] : [`As of ${report.as_of}: nothing here vouches for what was appended later.`]),
    ...(report.signatures === "unchecked"
      ? ["Digests and objects are consistent, but nobody's signature was checked: give --keys."]
      : []),
    ...chains.map(chainText),
    ...findings.slice(0, shown).map(({ message }) => `  ${message}.`),
    ...rest(totals.findings, "findings"),
    ...findingsOf(report),
  ];
}

function findingsOf(report: AuditReport): readonly string[] {
  return report.complete ? [] : sequenceFindings(report, "  ");
}

function chainText(chain: ChainReport): string {
  const { organization, stream, digests, from, to, after, through, pending, before, ahead } = chain;
  const range = through > after ? `sequences ${countText(after + 1)} to ${countText(through)}` : "no sequences yet";
  const unvouched = [
    ...(pending.events + ahead > 0 ? [`${plural(pending.events + ahead, "event")} pending for the next digest`] : []),
    ...(before.events > 0 ? [`${plural(before.events, "event")} from before that no digest vouches for`] : []),
  ];
  const notes = unvouched.length === 0 ? "" : `; ${unvouched.join(", ")}`;
  return `${organization}, stream ${stream}: ${plural(digests, "digest")} from ${from} to ${to}, ${range}${chain.complete ? "" : "  NOT complete"}${notes}`;
}
