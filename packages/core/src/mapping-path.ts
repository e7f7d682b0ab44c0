/** A path into a record, ready to be walked: the value there, or undefined where the record has none. */
export type PathReader = (record: unknown) => unknown;

type Step = string | number;

const inherited = new Set(Object.getOwnPropertyNames(Object.prototype));
const plainStep = /[^.[\]"'\s]+/y;
const bracket = /\[(?:(\d{1,9})|("(?:[^"\\]|\\.)*")|'([^']*)')\]/y;

/**
 * Reads a path such as `actor.id`, `targets[0].name`, `["@timestamp"]`, `labels["app.kubernetes.io/name"]`, or `$` for
 * the whole record. A dot always separates: a key that holds one is written in brackets, so that a record with such a
 * key cannot stand in for the nested value that was meant. Returns undefined where the text is no path.
 */
export function compilePath(path: string): PathReader | undefined {
  const steps = stepsOf(path);
  if (steps === undefined) return undefined;
  const readers = steps.map(stepReader);
  const [first, second] = readers;
  if (first === undefined) return (record) => record;
  if (readers.length === 1) return first;
  if (second !== undefined && readers.length === 2) return (record) => second(first(record));
  return (record) => {
    let value = record;
    for (const read of readers) value = read(value);
    return value;
  };
}

function stepsOf(path: string): readonly Step[] | undefined {
  if (path === "$") return [];
  const steps: Step[] = [];
  const rooted = /^\$[.[]/.test(path);
  let at = rooted ? 1 : 0;
  while (at < path.length) {
    if (path[at] === "[") {
      bracket.lastIndex = at;
      const parts = bracket.exec(path);
      if (parts === null) return undefined;
      const key = parts[1] === undefined ? quotedKey(parts[2], parts[3]) : Number(parts[1]);
      if (key === undefined) return undefined;
      steps.push(key);
      at = bracket.lastIndex;
    } else {
      // A dot stands between two steps, or after the `$`.
      const separated = rooted || steps.length > 0;
      if (separated !== (path[at] === ".")) return undefined;
      plainStep.lastIndex = at + (separated ? 1 : 0);
      const parts = plainStep.exec(path);
      if (parts === null) return undefined;
      steps.push(parts[0]);
      at = plainStep.lastIndex;
    }
  }
  return steps.length === 0 ? undefined : steps;
}

function quotedKey(double: string | undefined, single: string | undefined): string | undefined {
  if (double === undefined) return single;
  try {
    return JSON.parse(double) as string;
  } catch {
    return undefined;
  }
}

function stepReader(step: Step): PathReader {
  if (typeof step === "number") return (value) => (Array.isArray(value) ? (value as unknown[])[step] : undefined);
  // What every object inherits (`constructor`, `__proto__`) counts only where the record has such a member of its own.
  const own = inherited.has(step);
  // Numbers kept as text are objects of the engine's own with this one member.
  const opaque = step === "rawJSON";
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    if ((own && !Object.hasOwn(value, step)) || (opaque && Object.isFrozen(value))) return undefined;
    return (value as Record<string, unknown>)[step];
  };
}
