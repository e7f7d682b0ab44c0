/** One mistake in a configuration file. Messages never hold a value that came through interpolation, nor a secret. */
export interface ConfigProblem {
  /** Where, as `streams[0].options.bucket`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong and what would be accepted, as a clause that fits behind the path. */
  readonly message: string;
  /** 1-based; absent where no place in the file stands for it. */
  readonly line?: number;
}

/** A path into a configuration file: keys and 0-based indexes. */
export type ConfigPath = readonly (string | number)[];

/** `["streams", 0, "options"]` as `streams[0].options`. */
export function pathText(path: ConfigPath): string {
  return path
    .map((step) =>
      typeof step === "number" ? `[${step}]` : /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`,
    )
    .join("")
    .replace(/^\./, "");
}

/** A configuration that cannot be used, with every problem that its stage found. */
export class ConfigError extends Error {
  readonly file: string;
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? "a mistake" : `${problems.length} mistakes`;
    super(
      `The configuration ${file} has ${count}:\n${problems.map((problem) => `  ${problemText(file, problem)}`).join("\n")}`,
    );
    this.name = "ConfigError";
    this.file = file;
    this.problems = problems;
  }
}

/** `headgate.yaml:12: streams[0].options: lacks "bucket".` */
export function problemText(file: string, problem: ConfigProblem): string {
  const place = problem.line === undefined ? file : `${file}:${problem.line}`;
  const clause = problem.path === "" ? problem.message : `${problem.path} ${problem.message}`;
  return `${place}: ${clause}${/[.?!]$/.test(clause) ? "" : "."}`;
}
