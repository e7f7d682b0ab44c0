import type { Compression, KeyLayout } from "@headgate/core";
import { HeadgateError, readerSafePrefix } from "@headgate/core";

/** Options of a file sink. */
export interface FileSinkOptions {
  /** The folder to write to; made when it is missing. A relative path starts at the process's working directory. */
  readonly directory: string;
  /**
   * Put before `year=…`, as it is, so it usually ends in a slash. Stays inside of `directory`: no `..`, no absolute
   * path, and no part that begins with `.` or `_`, since readers skip those.
   * @default ""
   */
  readonly prefix?: string;
  /** `iso` names hold colons, which Windows does not allow: `basic` does without. @default "iso" */
  readonly layout?: KeyLayout;
  /** @default "none" */
  readonly compression?: Compression;
  /** 0 to 9 for gzip, 1 to 22 for zstd. @default 6 for gzip, 3 for zstd */
  readonly level?: number;
}

const names = ["directory", "prefix", "layout", "compression", "level"];
const layouts = ["iso", "basic"];
const compressions = ["none", "gzip", "zstd"];
const levels = { none: undefined, gzip: [0, 9], zstd: [1, 22] } as const;

/**
 * Checks options, whether they come from a file or from code.
 * @throws `sink_options_invalid` with every problem that was found
 */
export function checkOptions(options: FileSinkOptions, platform: NodeJS.Platform = process.platform): FileSinkOptions {
  const problems = [...problemsOf(options, platform)];
  if (problems.length === 0) return options;
  throw new HeadgateError("sink_options_invalid", `The options of a file sink are wrong: ${problems.join("; ")}.`, {
    hint: `Options are ${names.join(", ")}; directory is required.`,
  });
}

function* problemsOf(options: FileSinkOptions, platform: NodeJS.Platform): Iterable<string> {
  // Callers in JavaScript, and files, hand in anything.
  const given: Readonly<Record<string, unknown>> = { ...options };
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) yield `${name} is no option`;
  }
  const { directory, prefix = "", layout = "iso", compression = "none", level } = given;
  if (typeof directory !== "string" || directory === "" || directory.includes("\0")) {
    yield "directory must be the path of a folder";
  }
  yield* prefixProblems(prefix);
  if (!isOneOf(layouts, layout)) yield `layout must be one of ${layouts.join(", ")}`;
  else if (layout === "iso" && platform === "win32") {
    yield "layout iso puts colons into file names, which Windows does not allow: use layout basic";
  }
  if (!isOneOf(compressions, compression)) yield `compression must be one of ${compressions.join(", ")}`;
  else yield* levelProblems(compression as Compression, level);
}

function isOneOf(values: readonly string[], value: unknown): boolean {
  return typeof value === "string" && values.includes(value);
}

function* levelProblems(compression: Compression, level: unknown): Iterable<string> {
  if (level === undefined) return;
  const range = levels[compression];
  if (range === undefined) yield "level goes with a compression, and compression is none";
  else if (!Number.isInteger(level) || Number(level) < range[0] || Number(level) > range[1]) {
    yield `level must be a whole number from ${range[0]} to ${range[1]} for ${compression}`;
  }
}

function* prefixProblems(prefix: unknown): Iterable<string> {
  if (typeof prefix !== "string") {
    yield "prefix must be text";
    return;
  }
  if (prefix.split("").some((character) => character < " " || character === "\\"))
    yield "prefix holds a backslash or a control character";
  const parts = prefix.split("/");
  // What stands after the last slash is the beginning of the name `…year=2025`, so it may be empty.
  if (parts.slice(0, -1).includes("")) yield "prefix begins with a slash or holds two in a row";
  if (parts.includes("..") || parts.includes(".")) yield "prefix leads out of the directory";
  else if (!readerSafePrefix(prefix)) yield "prefix has a part that begins with . or _, which readers skip";
}
