import { canonicalJson } from "./canonical-json.ts";
import { HeadgateError } from "./errors.ts";
import { type PrivacyRule, type PrivacyStep, privacySteps } from "./privacy-path.ts";
import type { Pseudonymiser } from "./pseudonyms.ts";
import { shapeMistake } from "./shape-mistake.ts";

/** What stands where a value was masked: it tells neither length nor type. */
export const maskedValue = "[masked]";

/** Rules that are ready to be applied. */
export interface PrivacyRules {
  /** Whether one of them hashes, so that a key is needed. */
  readonly hashes: boolean;
  /**
   * The line with the rules applied. Everything that no rule touches keeps its bytes: order, digits of numbers, blanks in
   * metadata. A value that several rules reach follows the first of them; what holds it goes before it.
   */
  apply(line: string, pseudonym: Pseudonymiser | undefined): string;
}

interface Rule extends PrivacyRule {
  readonly steps: readonly PrivacyStep[];
}

/** How far rules have come on the way to a value: each the number of a rule and of its next step. */
type Progress = readonly (readonly [rule: number, step: number])[];

/** An object or list that is being read. */
interface Container {
  readonly list: boolean;
  readonly progress: Progress;
  /** Whether a member has been written, so that the next one needs a comma. */
  begun: boolean;
}

const most = 200;
const quote = 0x22;
const backslash = 0x5c;

/**
 * Makes rules ready to be applied.
 *
 * @throws `shape_invalid` where a path is none, or leads to what must stay as it is
 */
export function compilePrivacy(rules: readonly PrivacyRule[]): PrivacyRules {
  if (rules.length > most)
    throw shapeMistake({ path: "privacy", says: `has ${rules.length} rules, more than ${most}` });
  const compiled = rules.map((rule, i): Rule => ({ ...rule, steps: privacySteps(rule, `privacy[${i}]`) }));
  const start: Progress = compiled.map((_, i) => [i, 0] as const);
  return {
    hashes: rules.some(({ method }) => method === "hash"),
    apply: (line, pseudonym) => applyTo(line, compiled, start, pseudonym),
  };
}

/** Walks the text with a stack of its own: records may be nested deeper than the call stack. */
function applyTo(text: string, rules: readonly Rule[], start: Progress, pseudonym: Pseudonymiser | undefined): string {
  const parts: string[] = [];
  const stack: Container[] = [];
  let copied = 0;
  let at = 0;

  const copyTo = (end: number): void => {
    if (end > copied) parts.push(text.slice(copied, end));
    copied = end;
  };

  /** Writes the comma before a member that is kept, where the text may have had it elsewhere. */
  const separate = (container: Container): void => {
    if (container.begun) parts.push(",");
    container.begun = true;
  };

  const open = (progress: Progress): void => {
    stack.push({ list: text.charCodeAt(at) === 0x5b, progress, begun: false });
    at += 1;
    copyTo(at);
  };

  at = skipBlanks(text, at);
  open(start);
  for (let container = stack.at(-1); container !== undefined; container = stack.at(-1)) {
    const before = skipBlanks(text, at);
    const code = text.charCodeAt(before);
    if (code === 0x5d || code === 0x7d) {
      at = before + 1;
      copyTo(at);
      stack.pop();
      continue;
    }
    if (code === 0x2c) {
      // Commas are written anew, with the member that follows.
      copyTo(before);
      at = before + 1;
      copied = at;
      continue;
    }
    // A member or an element: from its key on.
    const from = before;
    let valueFrom = from;
    let next: Progress;
    if (container.list) next = advance(container.progress, rules, undefined);
    else {
      const keyEnd = stringEnd(text, from) + 1;
      next = advance(container.progress, rules, keyText(text.slice(from, keyEnd)));
      valueFrom = skipBlanks(text, skipBlanks(text, keyEnd) + 1);
    }
    const rule = finished(next, rules);
    const opens = text.charCodeAt(valueFrom) === 0x7b || text.charCodeAt(valueFrom) === 0x5b;
    if (rule === undefined && opens && next.length > 0) {
      separate(container);
      at = valueFrom;
      open(next);
      continue;
    }
    const end = valueEnd(text, valueFrom);
    at = end;
    if (rule === undefined) {
      separate(container);
      copyTo(end);
    } else if (rule.method === "drop") copied = end;
    else {
      separate(container);
      copyTo(valueFrom);
      parts.push(JSON.stringify(rule.method === "mask" ? maskedValue : hashed(text.slice(valueFrom, end), pseudonym)));
      copied = end;
    }
  }
  copyTo(text.length);
  return parts.join("");
}

function hashed(value: string, pseudonym: Pseudonymiser | undefined): string {
  if (pseudonym === undefined)
    throw new HeadgateError("internal", "A privacy rule hashes, and there is no key for it.");
  return value.startsWith('"')
    ? pseudonym(JSON.parse(value) as string, "text")
    : pseudonym(canonicalJson(value), "json");
}

/** The first rule whose path ends here. */
function finished(progress: Progress, rules: readonly Rule[]): Rule | undefined {
  for (const [rule, step] of progress) if (step === rules[rule]?.steps.length) return rules[rule];
  return undefined;
}

/** Where rules stand after one step down: to a member of this name, or to an element where there is none. */
function advance(progress: Progress, rules: readonly Rule[], name: string | undefined): Progress {
  if (progress.length === 0) return progress;
  const next: (readonly [rule: number, step: number])[] = [];
  const add = (rule: number, step: number): void => {
    if (!next.some(([one, two]) => one === rule && two === step)) next.push([rule, step]);
  };
  for (const [rule, from] of progress) {
    const steps = rules[rule]?.steps ?? [];
    let step = from;
    // Any depth: it may end before this step, or take it as well.
    while (steps[step] === "depth") {
      add(rule, step);
      step += 1;
    }
    if (takes(steps[step], name)) add(rule, step + 1);
  }
  // The first rule is to be found first.
  return next.sort(([one], [two]) => one - two);
}

function takes(step: PrivacyStep | undefined, name: string | undefined): boolean {
  if (step === undefined || step === "depth") return false;
  if (step === "element") return name === undefined;
  return name !== undefined && (step === "member" || step.name === name);
}

function keyText(key: string): string {
  return key.includes("\\") ? (JSON.parse(key) as string) : key.slice(1, -1);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === 0x20 || (code >= 0x09 && code <= 0x0d); code = text.charCodeAt(at))
    at++;
  return at;
}

/** Position of the quote that closes the string which opens at `start`. */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end;
  }
}

/** Position after the value that begins at `start`. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; ; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = stringEnd(text, at);
      if (depth === 0) return at + 1;
    } else if (code === 0x7b || code === 0x5b) depth++;
    else if (code === 0x7d || code === 0x5d) {
      if (depth === 0) return at;
      depth--;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (code === 0x2c || code <= 0x20)) return at;
  }
}
