import { readFileSync } from "node:fs";
import { isNode, LineCounter, parseDocument } from "yaml";
import { ConfigError, type ConfigPath, type ConfigProblem } from "./problem.ts";

/** A configuration file as it was read: its values, and where in the file each stands. */
export interface ConfigDocument {
  readonly file: string;
  readonly value: unknown;
  /** 1-based line of a value, or of the nearest thing around it. With `key`, of the key that names it. */
  line(path: ConfigPath, key?: boolean): number | undefined;
}

/**
 * Reads a YAML or JSON file (JSON is read as the YAML that it is, so that its lines are known too).
 * @throws {@link ConfigError} where the file cannot be read or its syntax is wrong
 */
export function readDocument(file: string): ConfigDocument {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(file, [{ path: "", message: unreadable(error as NodeJS.ErrnoException) }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number | undefined): { line?: number } =>
    offset === undefined ? {} : { line: lines.linePos(offset).line };
  if (document.errors.length > 0) {
    const problems = document.errors.map((error): ConfigProblem => ({
      path: "",
      message: `is not valid YAML: ${error.message}`,
      ...lineAt(error.pos[0]),
    }));
    throw new ConfigError(file, problems);
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new ConfigError(file, [{ path: "", message: `is not valid YAML: ${(error as Error).message}` }]);
  }
  return {
    file,
    value,
    line(path, key = false) {
      for (let length = path.length; length > 0; length--) {
        const parent: unknown = document.getIn(path.slice(0, length - 1), true) ?? document.contents;
        const step = path[length - 1];
        const offset = key && length === path.length ? keyOffset(parent, step) : undefined;
        const node: unknown = document.getIn(path.slice(0, length), true);
        const start = offset ?? (isNode(node) ? node.range?.[0] : undefined);
        if (start !== undefined) return lines.linePos(start).line;
      }
      return isNode(document.contents) ? lineAt(document.contents.range?.[0]).line : undefined;
    },
  };
}

function keyOffset(map: unknown, step: string | number | undefined): number | undefined {
  const items = (map as { readonly items?: readonly { readonly key?: unknown }[] } | null)?.items ?? [];
  for (const { key } of items) {
    const scalar = key as { readonly value?: unknown; readonly range?: readonly number[] } | undefined;
    if (scalar?.value === step) return scalar?.range?.[0];
  }
  return undefined;
}

function unreadable(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ENOENT":
      return "does not exist; name the file with -c FILE";
    case "EISDIR":
      return "is a folder; name a YAML or JSON file";
    case "EACCES":
      return "cannot be read: permission denied; give this user read access";
    default:
      return `cannot be read (${error.code ?? error.message})`;
  }
}
