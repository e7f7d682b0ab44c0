import { lineMembers } from "./line-members.ts";

/** The columns, in their order. What has no column of its own stands as JSON in `targets`, `context` and `metadata`. */
export const csvColumns: readonly string[] = [
  "sequence",
  "occurred_at",
  "id",
  "organization_id",
  "organization_name",
  "action",
  "category",
  "outcome",
  "actor_type",
  "actor_id",
  "actor_name",
  "ip",
  "user_agent",
  "request_id",
  "targets",
  "context",
  "metadata",
];

/** The first row, CRLF included (RFC 4180). */
export const csvHead: string = row(csvColumns);

/**
 * One event's row, from its stored line. What stands as JSON in a cell is the text of the line, so numbers keep all their
 * digits. A cell that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab or CR in front) gets an apostrophe
 * in front, which spreadsheets do not show.
 */
export function csvRow(line: string): string {
  const members = lineMembers(line);
  const organization = objectOf(members, "organization");
  const actor = objectOf(members, "actor");
  const context = objectOf(members, "context");
  return row([
    members.get("sequence"),
    textOf(members, "occurred_at"),
    textOf(members, "id"),
    organization["id"],
    organization["name"],
    textOf(members, "action"),
    textOf(members, "category"),
    textOf(members, "outcome"),
    actor["type"],
    actor["id"],
    actor["name"],
    context["ip"],
    context["user_agent"],
    context["request_id"],
    members.get("targets"),
    members.get("context"),
    members.get("metadata"),
  ]);
}

function textOf(members: ReadonlyMap<string, string>, name: string): unknown {
  const text = members.get(name);
  return text === undefined ? undefined : JSON.parse(text);
}

function objectOf(members: ReadonlyMap<string, string>, name: string): Readonly<Record<string, unknown>> {
  return (textOf(members, name) ?? {}) as Readonly<Record<string, unknown>>;
}

function row(cells: readonly unknown[]): string {
  return `${cells.map(cellText).join(",")}\r\n`;
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  // What is shown of `context` by name is text by the event's schema.
  const plain = typeof value === "string" ? value : "";
  // Also after what spreadsheets skip, and after what some of them take for the end of a cell.
  const safe = plain.replaceAll(/(^[\s\ufeff]*|[;\t\r\n][\s\ufeff]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g, "$1'");
  const plainly = /^[\t\r]/.test(safe) ? `'${safe}` : safe;
  return /[",;\t\r\n]/.test(plainly) ? `"${plainly.replaceAll('"', '""')}"` : plainly;
}
