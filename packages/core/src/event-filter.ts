import type { AuditEvent, Outcome } from "./event.ts";
import { shapeMistake } from "./shape-mistake.ts";
import type { OutgoingEvent } from "./sink.ts";

/**
 * What an event must be like to match: everything that is named here. In `action`, `*` stands for any characters, dots
 * included, none included; nothing else is special. An event without a category or an outcome matches no match that names one.
 */
export interface EventMatch {
  /** E.g. `user.*`, `*.deleted`, `context.secrets.accessed`. Case counts. */
  readonly action?: string;
  readonly category?: string;
  readonly outcome?: Outcome;
}

/** Which events of an organization a stream takes. An event that both lists name is left out. */
export interface EventFilter {
  /** Only events that one of these matches. @default all */
  readonly include?: readonly EventMatch[];
  /** None that one of these matches. @default none */
  readonly exclude?: readonly EventMatch[];
}

/** Whether an event passes; it is read no further than that takes. */
export type FilterTest = (event: OutgoingEvent) => boolean;

const most = 200;
const outcomes: ReadonlySet<string> = new Set<Outcome>(["success", "failure", "denied", "unknown"]);
type Facts = Pick<AuditEvent, "action" | "category" | "outcome">;

/**
 * Makes a filter ready to test events.
 *
 * @throws `shape_invalid` where a match names nothing or something that no event has
 * @example
 * ```ts
 * const passes = compileFilter({ include: [{ action: "user.*" }], exclude: [{ outcome: "success" }] });
 * ```
 */
export function compileFilter({ include, exclude }: EventFilter): FilterTest {
  const included = include === undefined ? undefined : compileMatches(include, "filter.include");
  const excluded = exclude === undefined ? undefined : compileMatches(exclude, "filter.exclude");
  return (event) => {
    const facts = factsOf(event);
    return (included?.(facts) ?? true) && !(excluded?.(facts) ?? false);
  };
}

function compileMatches(matches: readonly EventMatch[], path: string): (facts: Facts) => boolean {
  if (matches.length === 0)
    throw shapeMistake({ path, says: "is empty", hint: "Leave it out, or name what is meant." });
  if (matches.length > most) throw shapeMistake({ path, says: `has ${matches.length} matches, more than ${most}` });
  const tests = matches.map((match, i) => compileMatch(match, `${path}[${i}]`));
  return (facts) => tests.some((test) => test(facts));
}

function compileMatch({ action, category, outcome }: EventMatch, path: string): (facts: Facts) => boolean {
  if (action === undefined && category === undefined && outcome === undefined)
    throw shapeMistake({ path, says: "names neither an action, nor a category, nor an outcome" });
  if (outcome !== undefined && !outcomes.has(outcome))
    throw shapeMistake({
      path: `${path}.outcome`,
      says: "is none that events have",
      hint: "Outcomes are success, failure, denied and unknown.",
    });
  for (const [name, text] of Object.entries({ action, category }))
    if (text === "" || (text?.length ?? 0) > 256)
      throw shapeMistake({ path: `${path}.${name}`, says: "must have 1 to 256 characters" });
  const fits = action === undefined ? undefined : glob(action);
  return (facts) =>
    (fits?.(facts.action) ?? true) &&
    (category === undefined || facts.category === category) &&
    (outcome === undefined || facts.outcome === outcome);
}

/** Looks for the parts between stars one after another: no pattern takes longer than the text is long, times its parts. */
function glob(pattern: string): (text: string) => boolean {
  const parts = pattern.split("*");
  const [head = "", ...rest] = parts;
  const tail = rest.pop();
  if (tail === undefined) return (text) => text === pattern;
  return (text) => {
    if (!text.startsWith(head) || !text.endsWith(tail)) return false;
    const end = text.length - tail.length;
    let at = head.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= end;
  };
}

const actorKey = Buffer.from(',"actor":{');

/**
 * What filters look at stands before the actor in every stored line, and no string holds a bare quote: so the part before
 * it is read alone.
 */
function factsOf(event: OutgoingEvent): Facts {
  const { line } = event;
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  const end = bytes.indexOf(actorKey);
  if (end < 0) return event.parse();
  const head = JSON.parse(`${bytes.toString("utf8", 0, end)}}`) as Partial<Facts>;
  return head.action === undefined ? event.parse() : (head as Facts);
}
