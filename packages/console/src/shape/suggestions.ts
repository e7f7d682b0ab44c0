import type { PreviewedEvent } from "../rest/wire.ts";

/** What can be typed into a form's fields, from what the log's last events hold. */
export interface Suggestions {
  readonly action: readonly string[];
  readonly category: readonly string[];
  readonly path: readonly string[];
}

/** Categories that Headgate's own events have; platforms may have others. */
const usualCategories = ["authentication", "configuration", "pipeline", "access", "data", "billing", "system"];
/** Paths that every event may have a value at. */
const usualPaths = ["actor.name", "actor.id", "targets[].name", "targets[].id", "organization.name"];

/** Actions, categories and paths of events, each once, sorted. */
export function suggestionsOf(events: readonly PreviewedEvent[]): Suggestions {
  const parsed = events.map(({ before }) => JSON.parse(before) as Readonly<Record<string, unknown>>);
  const texts = (name: string): readonly string[] =>
    parsed.flatMap((event) => (typeof event[name] === "string" ? [event[name]] : []));
  const paths = parsed.flatMap((event) =>
    ["context", "metadata"].flatMap((root) => Object.keys(event[root] ?? {}).map((name) => pathOf(root, name))),
  );
  return {
    action: sorted(texts("action")),
    category: sorted([...usualCategories, ...texts("category")]),
    path: [...usualPaths, ...sorted(paths)],
  };
}

function pathOf(root: string, name: string): string {
  return /^\w+$/.test(name) ? `${root}.${name}` : `${root}[${JSON.stringify(name)}]`;
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort((a, b) => a.localeCompare(b));
}
