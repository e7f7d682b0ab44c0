import type { SkippedRange } from "@headgate/core";
import { numberOf } from "./columns.ts";
import type { Queries } from "./database.ts";

/** What was left out of an organization's sequences after one of them, ascending. */
export async function skippedAfter(
  query: Queries["query"],
  schema: string,
  organization: number,
  after: number,
): Promise<readonly SkippedRange[]> {
  const { rows } = await query(
    `SELECT greatest(after, $2) AS after, through FROM "${schema}".skip
     WHERE organization = $1 AND through > $2 ORDER BY after`,
    [organization, after],
  );
  return rows.map((row) => ({ after: numberOf(row, "after"), through: numberOf(row, "through") }));
}

/** The first sequence from `sequence` on that was given, or will be. */
export function givenFrom(skips: readonly SkippedRange[], sequence: number): number {
  const skip = skips.find(({ after, through }) => after < sequence && sequence <= through);
  return skip === undefined ? sequence : skip.through + 1;
}
