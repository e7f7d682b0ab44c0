/** The `--grace` of a command line in seconds, and an error where there is none. */
export function graceOf(words: readonly string[]): number {
  const [, seconds] = /^(\d+)s$/.exec(words[words.indexOf("--grace") + 1] ?? "") ?? [];
  if (seconds === undefined) throw new Error(`no --grace in seconds: ${words.join(" ")}`);
  return Number(seconds);
}
