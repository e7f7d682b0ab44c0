import type { ReplayRange } from "../rest/wire.ts";

/** How a range is named. */
export type RangeKind = "all" | "time" | "sequences";

/** A range as it is typed. */
export interface ReplayForm {
  readonly kind: RangeKind;
  /** `YYYY-MM-DDTHH:MM` in the browser's time zone; empty for no bound. */
  readonly from: string;
  readonly to: string;
  readonly first: string;
  readonly last: string;
}

/** Nothing chosen yet. */
export const plainForm: ReplayForm = { kind: "all", from: "", to: "", first: "", last: "" };

/** What may be wrong before the API has seen it, as the name of a text. */
export type RangeMistake = "from_after_to" | "replay_backwards" | "replay_whole";

/** What is wrong with a range, if anything. */
export function mistakeOf({ kind, from, to, first, last }: ReplayForm): RangeMistake | undefined {
  if (kind === "time")
    return from !== "" && to !== "" && Date.parse(from) >= Date.parse(to) ? "from_after_to" : undefined;
  if (kind === "all") return undefined;
  const given = [first, last].filter((one) => one !== "").map(Number);
  if (!given.every((one) => Number.isSafeInteger(one) && one >= 1)) return "replay_whole";
  return given.length === 2 && (given[0] ?? 0) > (given[1] ?? 0) ? "replay_backwards" : undefined;
}

/** The range as the API takes it. */
export function rangeOf({ kind, from, to, first, last }: ReplayForm): ReplayRange {
  const instant = (local: string): string => new Date(local).toISOString();
  switch (kind) {
    case "all":
      return {};
    case "time":
      return { ...(from !== "" && { from: instant(from) }), ...(to !== "" && { to: instant(to) }) };
    case "sequences":
      return {
        ...(first !== "" && { first_sequence: Number(first) }),
        ...(last !== "" && { last_sequence: Number(last) }),
      };
  }
}
