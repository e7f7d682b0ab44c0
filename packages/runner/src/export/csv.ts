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

type Members = Readonly<Record<string, unknown>>;

// Source text access (ECMAScript 2026) is in every supported Node; the compiler's library does not list it yet.
const json = JSON as typeof JSON & { rawJSON(text: string): unknown };
const parse = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/**
 * One event's row, from its stored line. Numbers keep all their digits. A cell that a spreadsheet would take for a
 * formula (`=`, `+`, `-`, `@`, tab or CR in front) gets an apostrophe in front, which spreadsheets do not show.
 */
export function csvRow(line: string): string {
  const event = parse(line, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && String(value) !== source ? json.rawJSON(source) : value,
  ) as Members;
  const { organization, actor, context } = event as Readonly<Record<"organization" | "actor", Members>> & {
    readonly context?: Members;
  };
  return row([
    event["sequence"],
    event["occurred_at"],
    event["id"],
    organization["id"],
    organization["name"],
    event["action"],
    event["category"],
    event["outcome"],
    actor["type"],
    actor["id"],
    actor["name"],
    context?.["ip"],
    context?.["user_agent"],
    context?.["request_id"],
    event["targets"],
    context,
    event["metadata"],
  ]);
}

function row(cells: readonly unknown[]): string {
  return `${cells.map(cellText).join(",")}\r\n`;
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  const plain = typeof value === "string" ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(plain) ? `'${plain}` : plain;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
