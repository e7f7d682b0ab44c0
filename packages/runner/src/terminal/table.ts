/** Columns of text, as wide as they need to be, two blanks between them. Columns named in `right` hold numbers. */
export function tableText(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
): string {
  const widths = head.map((name, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), name.length),
  );
  const line = (cells: readonly string[]): string =>
    head
      .map((name, column) => {
        const cell = cells[column] ?? "";
        return right.includes(name) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
      })
      .join("  ")
      .trimEnd();
  return `${[head, ...rows].map(line).join("\n")}\n`;
}
