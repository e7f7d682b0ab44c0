import type { EventMatch, PrivacyRule, Shape } from "../rest/wire.ts";

/** An entry of a filter as it is typed: what is empty is not named. */
export type MatchEntry = Readonly<Record<"action" | "category" | "outcome", string>>;

/** Lists of entries, by their name in forms and messages. */
export type ListName = "include" | "exclude" | "privacy";

/** A shape as it is typed. */
export interface ShapeForm {
  readonly include: readonly MatchEntry[];
  readonly exclude: readonly MatchEntry[];
  readonly privacy: readonly PrivacyRule[];
  readonly format: string;
}

/** What is typed into a new entry of each list. */
export const emptyEntry: Readonly<{ include: MatchEntry; exclude: MatchEntry; privacy: PrivacyRule }> = {
  include: { action: "", category: "", outcome: "" },
  exclude: { action: "", category: "", outcome: "" },
  privacy: { path: "", method: "mask" },
};

/** The form of a stream's shape. */
export function formOf({ filter, privacy = [], format = "native" }: Shape): ShapeForm {
  const entries = (matches: readonly EventMatch[] = []): readonly MatchEntry[] =>
    matches.map((match) => ({ ...emptyEntry.include, ...match }));
  return { include: entries(filter?.include), exclude: entries(filter?.exclude), privacy, format };
}

/** What the form says, in full, so that it replaces what was there. Entries that say nothing are left out. */
export function shapeOf({ include, exclude, privacy, format }: ShapeForm): Shape {
  const lists = { include: include.filter(saysMatch).map(matchOf), exclude: exclude.filter(saysMatch).map(matchOf) };
  return {
    // An empty list of what to take would be a mistake, and no list takes everything.
    filter: Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    privacy: privacy.filter(saysRule).map(({ path, method }) => ({ path: path.trim(), method })),
    format,
  };
}

/** The id of an entry's control. */
export function controlId(list: ListName, index: number, member: string): string {
  return `${list}-${index}-${member}`;
}

/** The id of the control that a path of the API's is about, e.g. `$.filter.include[1].outcome`; undefined where it is about none. */
export function controlAt(form: ShapeForm, path: string): string | undefined {
  if (path === "$.format") return "format";
  const found = /^\$\.(?:filter\.)?(include|exclude|privacy)\[(\d+)\](?:\.(\w+))?/.exec(path);
  if (found === null) return undefined;
  const list = found[1] as ListName;
  // Counted among the entries that were sent.
  const sent = form[list].flatMap((entry, i) => (("path" in entry ? saysRule(entry) : saysMatch(entry)) ? [i] : []));
  const index = sent[Number(found[2])];
  if (index === undefined) return undefined;
  return controlId(list, index, found[3] ?? (list === "privacy" ? "path" : "action"));
}

function saysMatch(entry: MatchEntry): boolean {
  return Object.values(entry).some((value) => value.trim() !== "");
}

function saysRule({ path }: PrivacyRule): boolean {
  return path.trim() !== "";
}

function matchOf(entry: MatchEntry): EventMatch {
  const named = Object.entries(entry).map(([name, value]) => [name, value.trim()] as const);
  return Object.fromEntries(named.filter(([, value]) => value !== ""));
}
