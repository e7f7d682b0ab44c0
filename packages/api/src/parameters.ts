import { compileSchema, type SchemaCheck } from "@headgate/core";
import { problem, type ProblemEntry } from "./problem.ts";
import type { JsonSchema, Parameter, Route } from "./route.ts";
import { pathParameters } from "./router.ts";

/** Of parameters of the path that say no more of themselves. */
export const pathParameter: Parameter = {
  description: "",
  schema: { type: "string", minLength: 1, maxLength: 256, pattern: "^[^\\u0000-\\u001f\\u007f]*$" },
};

/** Parameters of a query, as they were written. */
export type QueryValues = Readonly<Record<string, string | undefined>>;

/** The parameters of a route that stand in the path, and those of the query. */
export function parametersOf(route: Route): {
  readonly path: ReadonlyMap<string, Parameter>;
  readonly query: ReadonlyMap<string, Parameter>;
} {
  const named = new Map(Object.entries(route.parameters ?? {}));
  const inPath = pathParameters(route.path);
  const path = new Map(inPath.map((name) => [name, named.get(name) ?? pathParameter]));
  for (const name of inPath) named.delete(name);
  return { path, query: named };
}

/** Checks the parameters of a route's requests. */
export interface ParameterCheck {
  /** Whether those of the path could be anything at all. */
  path(values: Readonly<Record<string, string>>): boolean;
  /** Reads a query, with or without the question mark. @throws `request_invalid` naming each mistake */
  query(search: string): QueryValues;
}

/** Makes the check of a route's parameters. */
export function parameterCheck(route: Route): ParameterCheck {
  const { path, query } = parametersOf(route);
  const pathCheck = compileSchema(objectSchema(path));
  const queryCheck = compileSchema(objectSchema(query));
  return {
    path: (values) =>
      pathCheck(readValues(new Map(Object.entries(values).map(([k, v]) => [k, [v]])), path)) === undefined,
    query: (search) => readQuery(search, query, queryCheck),
  };
}

function objectSchema(parameters: ReadonlyMap<string, Parameter>): JsonSchema {
  const required = [...parameters].filter(([, parameter]) => parameter.required === true).map(([name]) => name);
  return {
    type: "object",
    properties: Object.fromEntries([...parameters].map(([name, { schema }]) => [name, schema])),
    ...(required.length > 0 && { required }),
  };
}

function readQuery(search: string, known: ReadonlyMap<string, Parameter>, check: SchemaCheck): QueryValues {
  const problems: ProblemEntry[] = [];
  const given = new Map<string, string[]>();
  for (const pair of search.replace(/^\?/, "").split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decoded(at < 0 ? pair : pair.slice(0, at));
    const value = decoded(at < 0 ? "" : pair.slice(at + 1));
    if (name === undefined || value === undefined) {
      problems.push({ path: "query", message: "must be percent-encoded UTF-8 without NUL" });
    } else if (!known.has(name)) {
      problems.push({
        path: `query.${shortened(name)}`,
        message: `is not known here (known: ${[...known.keys()].join(", ") || "none"})`,
      });
    } else {
      const values = given.get(name);
      if (values === undefined) given.set(name, [value]);
      else if (known.get(name)?.schema["type"] === "array") values.push(value);
      else problems.push({ path: `query.${name}`, message: "must be given once" });
    }
    if (problems.length >= mostProblems) break;
  }
  for (const found of check(readValues(given, known)) ?? []) {
    problems.push({ path: `query${found.path.slice(1)}`, message: found.problem });
  }
  if (problems.length > 0) {
    throw problem("request_invalid", `The query has a mistake: ${problems[0]?.path} ${problems[0]?.message}.`, {
      problems: problems.slice(0, mostProblems),
    });
  }
  // Without a prototype: a name that nobody gave is not there.
  const values = Object.create(null) as Record<string, string>;
  for (const [name, texts] of given) values[name] = texts.join(",");
  return values;
}

const mostProblems = 20;

/** The values as their schemas read them; what cannot be read stays text, for the schema to say what is wrong. */
function readValues(given: ReadonlyMap<string, readonly string[]>, known: ReadonlyMap<string, Parameter>): object {
  const values: [string, unknown][] = [];
  for (const [name, texts] of given) values.push([name, readValue(texts, known.get(name)?.schema["type"])]);
  return Object.fromEntries(values);
}

function readValue(texts: readonly string[], type: unknown): unknown {
  const text = texts[0] as string;
  if (type === "integer") return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return type === "array" ? texts.flatMap((one) => one.split(",")) : text;
}

/** As forms write it; undefined where it is malformed, or holds what no store keeps. */
function decoded(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text.replaceAll("+", " "));
    return value.includes("\0") ? undefined : value;
  } catch {
    return undefined;
  }
}

function shortened(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}…` : name;
}
