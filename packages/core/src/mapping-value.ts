import { hash } from "node:crypto";
import { keptNumber } from "./wire-numbers.ts";
import { compilePath, type PathReader } from "./mapping-path.ts";
import { parseTimestamp } from "./time.ts";

/** What an alternative yields for one record; `text` is the record's own JSON text. */
export type ValueReader<T> = (record: unknown, text: string) => T | undefined;

/** Turns what stands in a record into what the event takes; undefined where it cannot be that. */
export type Accept<T> = (value: unknown) => T | undefined;

/** Collects what is wrong with a mapping. */
export type Report = (path: string, problem: string) => void;

/** What the forms of a value need from outside. */
export interface ValueContext {
  readonly report: Report;
  /** {@link acceptText}, or one that also takes note. */
  readonly text: Accept<string>;
}

const forms = "a path, {const}, {first}, {join, with}, {from, map, default}, {when, is, use} or {digest}";
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Strings, and numbers and booleans as text. Empty strings, null, lists and objects count as absent. */
export function acceptText(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return keptNumber(value);
}

/** Any JSON value but null, which counts as absent. */
export function acceptJson(value: unknown): unknown {
  return value ?? undefined;
}

const digits = /^\d+(?:\.\d+)?(?:[eE]\+?\d+)?$/;
const withoutOffset = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?$/;

/**
 * An instant in Unix ms: RFC 3339 with any offset; the same without an offset, read as UTC; epoch seconds below 10¹¹
 * (the year 5138), epoch ms from there to 10¹⁴, as number or text. Fractions of a millisecond are cut off.
 */
export function acceptTime(value: unknown): number | undefined {
  const text = acceptText(value);
  if (text === undefined) return undefined;
  if (digits.test(text)) {
    const number = Number(text);
    if (number >= 1e14) return undefined;
    return Math.floor(number < 1e11 ? number * 1000 : number);
  }
  return parseTimestamp(withoutOffset.test(text) ? `${text}Z` : text);
}

/** Compiles one value of a mapping. Problems are reported under `at`; the reader then yields nothing. */
export function compileValue<T>(value: unknown, accept: Accept<T>, at: string, context: ValueContext): ValueReader<T> {
  const { report, text: acceptPart } = context;
  const nothing = (): undefined => undefined;
  const wrong = (path: string, problem: string): ValueReader<T> => {
    report(path, problem);
    return nothing;
  };
  const path = (text: unknown, where: string): PathReader => {
    const read = typeof text === "string" ? compilePath(text) : undefined;
    if (read === undefined) {
      report(where, `must be a path such as actor.id, targets[0].name or ["@timestamp"]`);
      return nothing;
    }
    return read;
  };

  if (typeof value === "string") {
    const read = path(value, at);
    return (record) => accept(read(record));
  }
  if (!isObject(value)) return wrong(at, `must be ${forms}`);
  const has = (...allowed: string[]): boolean => {
    for (const key of Object.keys(value)) {
      if (!allowed.includes(key)) report(`${at}.${key}`, `is unknown here (known: ${allowed.join(", ")})`);
    }
    return true;
  };

  if ("const" in value && has("const")) {
    const fixed = accept(value["const"]);
    return fixed === undefined ? wrong(`${at}.const`, "is no value that may stand here") : () => fixed;
  }
  if ("first" in value && has("first")) {
    const list = value["first"];
    if (!Array.isArray(list) || list.length === 0)
      return wrong(`${at}.first`, "must be a list with at least one value");
    const readers = list.map((one, i) => compileValue(one, accept, `${at}.first[${i}]`, context));
    return (record, text) => {
      for (const read of readers) {
        const found = read(record, text);
        if (found !== undefined) return found;
      }
      return undefined;
    };
  }
  if ("join" in value && has("join", "with")) {
    const list = value["join"];
    const separator = value["with"] ?? ".";
    if (!Array.isArray(list) || list.length === 0) return wrong(`${at}.join`, "must be a list with at least one value");
    if (typeof separator !== "string") return wrong(`${at}.with`, "must be text");
    const readers = list.map((one, i) => compileValue(one, acceptPart, `${at}.join[${i}]`, context));
    return (record, text) => {
      let joined = "";
      for (let i = 0; i < readers.length; i++) {
        const part = readers[i]?.(record, text);
        if (part === undefined) return undefined;
        joined += i === 0 ? part : separator + part;
      }
      return accept(joined);
    };
  }
  if ("from" in value && has("from", "map", "default")) {
    const read = compileValue(value["from"], acceptPart, `${at}.from`, context);
    const map = value["map"];
    if (!isObject(map)) return wrong(`${at}.map`, "must be an object: what the record says, and what it means");
    const meanings = new Map<string, T>();
    for (const [key, meaning] of Object.entries(map)) {
      const accepted = accept(meaning);
      if (accepted === undefined) report(`${at}.map.${key}`, "is no value that may stand here");
      else meanings.set(key, accepted);
    }
    const otherwise = "default" in value ? accept(value["default"]) : undefined;
    if ("default" in value && otherwise === undefined) report(`${at}.default`, "is no value that may stand here");
    return (record, text) => {
      const said = read(record, text);
      return said === undefined ? undefined : (meanings.get(said) ?? otherwise);
    };
  }
  if ("when" in value && has("when", "is", "use")) {
    const test = path(value["when"], `${at}.when`);
    const { is } = value;
    if (
      is !== undefined &&
      (!Array.isArray(is) || is.length === 0 || !is.every((one) => acceptText(one) !== undefined))
    ) {
      return wrong(`${at}.is`, "must be a list of the values to look for");
    }
    const wanted = is === undefined ? undefined : new Set((is as unknown[]).map(acceptText));
    const read = compileValue(value["use"], accept, `${at}.use`, context);
    return (record, text) => {
      const found = test(record);
      const holds = wanted === undefined ? acceptJson(found) !== undefined : wanted.has(acceptPart(found) ?? "");
      return holds ? read(record, text) : undefined;
    };
  }
  if ("digest" in value && has("digest")) {
    if (value["digest"] !== "$") return wrong(`${at}.digest`, 'must be "$", the whole record');
    return (_record, text) => accept(hash("sha256", text).slice(0, 32));
  }
  return wrong(at, `must be ${forms}`);
}

/** The paths that a value looks at, for messages. */
export function pathsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(pathsOf);
  if (!isObject(value)) return [];
  return ["first", "join", "from", "use"].flatMap((key) => pathsOf(value[key]));
}
