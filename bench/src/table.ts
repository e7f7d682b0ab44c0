/** A table in plain text: the first column to the left, numbers to the right. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Said below it, a line each. */
  readonly notes?: readonly string[];
}

/** Lays a table out. */
export function tableText({ title, columns, rows, notes = [] }: Table): string {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => (row[i] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    widths.map((width, i) => (i === 0 ? (cells[i] ?? "").padEnd(width) : (cells[i] ?? "").padStart(width))).join("  ");
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return [title, "", line(columns), rule, ...rows.map((row) => line(row).trimEnd()), ...notes, ""].join("\n");
}

/** 12,345 */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** Three significant digits or so: 0.123, 1.23, 12.3, 123. */
export function decimal(value: number): string {
  return value.toFixed(value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** Bytes as MB, of a million. */
export function megabytes(bytes: number): string {
  return decimal(bytes / 1e6);
}
