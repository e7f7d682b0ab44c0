/** A stretch of time, as it is chosen. */
export type TimeChoice = "hour" | "day" | "week" | "month" | "all" | "custom";

/** What somebody searches for, as it was typed. */
export interface EventFilter {
  readonly time: TimeChoice;
  /** `YYYY-MM-DDTHH:MM` in the browser's time zone, of a custom time. */
  readonly from: string;
  readonly to: string;
  readonly action: string;
  readonly actor: string;
  readonly target: string;
  readonly text: string;
}

/** Nothing but the last day. */
export const plainFilter: EventFilter = { time: "day", from: "", to: "", action: "", actor: "", target: "", text: "" };

const stretches: Readonly<Partial<Record<TimeChoice, number>>> = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
};

/** The request's parameters. `now` is Unix ms; actions are parted by commas or blanks. */
export function eventQuery(filter: EventFilter, now: number): Readonly<Record<string, string | undefined>> {
  const stretch = stretches[filter.time];
  const custom = filter.time === "custom";
  const action = filter.action.split(/[\s,]+/).filter((one) => one !== "");
  return {
    from: stretch === undefined ? (custom ? instant(filter.from) : undefined) : new Date(now - stretch).toISOString(),
    to: custom ? instant(filter.to) : undefined,
    action: action.length === 0 ? undefined : action.join(","),
    actor: filter.actor.trim() || undefined,
    target: filter.target.trim() || undefined,
    q: filter.text.trim() || undefined,
  };
}

/** Whether a custom time ends before it begins. */
export function backwards({ time, from, to }: EventFilter): boolean {
  return time === "custom" && from !== "" && to !== "" && Date.parse(from) >= Date.parse(to);
}

function instant(local: string): string | undefined {
  const at = local === "" ? Number.NaN : Date.parse(local);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
