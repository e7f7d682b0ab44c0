import type { HecObjectCode } from "./codes.ts";
import type { HecPoison } from "./model.ts";

/** What an event is known by: `id` and `action` of the event, or of its indexed fields where the event has none. */
export interface EventName {
  readonly id: string | undefined;
  readonly action: string | undefined;
}

/** The names of an event. */
export function eventName(event: unknown, fields: Readonly<Record<string, unknown>> | undefined): EventName {
  const object = typeof event === "object" && event !== null ? (event as Readonly<Record<string, unknown>>) : {};
  const text = (name: string): string | undefined => {
    const value = object[name] ?? fields?.[name];
    return typeof value === "string" ? value : undefined;
  };
  return { id: text("id"), action: text("action") };
}

/** Finds the code that an event is to be refused with; undefined for all others. As fast for a thousand ids as for one. */
export function poisonOf(poison: readonly HecPoison[]): (name: EventName) => HecObjectCode | undefined {
  const byId = Map.groupBy(poison, ({ id }) => id);
  return ({ id, action }) => {
    if (byId.size === 0) return undefined;
    const candidates = [...(id === undefined ? [] : (byId.get(id) ?? [])), ...(byId.get(undefined) ?? [])];
    return candidates.find((each) => each.action === undefined || each.action === action)?.code;
  };
}
