import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execute } from "./execute.ts";
import type { Outcome } from "./outcome.ts";
import type { TestReport } from "./vitest-report.ts";

/** Runs vitest; counts its tests, and says which were skipped and why. */
export async function runTests(): Promise<Outcome> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-tests-"));
  const file = join(folder.path, "report.json");
  const reporters = ["--reporter=dot", "--reporter=./scripts/checks/vitest-report.ts"];
  const { code, output } = await execute("vitest", ["run", ...reporters], { HEADGATE_TEST_REPORT: file });
  const report = await readFile(file, "utf8").then(
    (text) => JSON.parse(text) as TestReport,
    () => undefined,
  );
  if (report === undefined) {
    return { passed: 0, failed: 1, skipped: 0, output: `${output}\nNo report was written.\n`, notes: [], failures: [] };
  }
  const counts = new Map<string, number>();
  for (const { file: name, reason } of report.skipped) {
    const note = `${name}${reason === "" ? "" : `: ${reason}`}`;
    counts.set(note, (counts.get(note) ?? 0) + 1);
  }
  return {
    passed: report.passed,
    failed: report.failed === 0 && code !== 0 ? 1 : report.failed,
    skipped: report.skipped.length,
    output,
    failures: report.failures,
    notes: [...counts].map(([note, count]) => `${count} ${count === 1 ? "test" : "tests"} in ${note}`),
  };
}
