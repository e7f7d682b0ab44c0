import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type ConfigPath, type ConfigProblem, pathText } from "./problem.ts";

/** What interpolation made of a configuration. */
export interface Interpolated {
  readonly value: unknown;
  /** Paths of values that came from outside the file, wholly or in part: never shown. */
  readonly outside: ReadonlySet<string>;
  readonly problems: readonly ConfigProblem[];
}

/** Where values come from, and how lines are found. */
export interface InterpolationInput {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder that relative `${file:…}` paths start from. */
  readonly directory: string;
  readonly line: (path: ConfigPath) => number | undefined;
}

const reference = /\$\$\{|\$\{([^}]*)\}/g;

/**
 * Replaces `${env:NAME}` and `${file:PATH}` in every string value, also inside longer text; `$${` stands for `${`. A file's
 * last line break is not part of its value. All that cannot be replaced is listed, not only the first.
 */
export function interpolate(value: unknown, input: InterpolationInput): Interpolated {
  const outside = new Set<string>();
  const problems: ConfigProblem[] = [];

  function replace(text: string, path: ConfigPath): string {
    return text.replace(reference, (whole, inner: string | undefined) => {
      if (inner === undefined) return "${";
      outside.add(pathText(path));
      const found = lookUp(inner);
      if ("value" in found) return found.value;
      const line = input.line(path);
      problems.push({ path: pathText(path), message: found.problem, ...(line === undefined ? {} : { line }) });
      return whole;
    });
  }

  function lookUp(inner: string): { readonly value: string } | { readonly problem: string } {
    const [, kind, name] = /^\s*(env|file):(.+?)\s*$/.exec(inner) ?? [];
    if (kind === undefined || name === undefined) {
      return { problem: `refers to "\${${inner}}"; write \${env:NAME} or \${file:PATH}, or $\${ for a plain \${` };
    }
    if (kind === "env") {
      const found = input.environment[name];
      if (found === undefined) return { problem: `needs the environment variable ${name}, which is not set` };
      return found === "" ? { problem: `needs the environment variable ${name}, which is empty` } : { value: found };
    }
    try {
      return { value: readFileSync(resolve(input.directory, name), "utf8").replace(/\r?\n$/, "") };
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "does not exist" : "cannot be read";
      return { problem: `needs the file ${resolve(input.directory, name)}, which ${why}` };
    }
  }

  function walk(node: unknown, path: ConfigPath): unknown {
    if (typeof node === "string") return replace(node, path);
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]));
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item, [...path, key])]));
  }

  return { value: walk(value, []), outside, problems };
}
