import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { execute, root } from "./execute.ts";
import type { Outcome } from "./outcome.ts";

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** Runs vitest; counts its tests, and names the files with tests that were skipped. */
export async function runTests(): Promise<Outcome> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-tests-"));
  const file = join(folder.path, "report.json");
  const { code, output } = await execute("vitest", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
  ]);
  const report = await readFile(file, "utf8").then(
    (text) => JSON.parse(text) as Report,
    () => undefined,
  );
  if (report === undefined)
    return { passed: 0, failed: 1, skipped: 0, output: `${output}\nNo report was written.\n`, notes: [] };
  const skippedIn = report.testResults.map(({ name, assertionResults }) => ({
    name: relative(root, name),
    count: assertionResults.filter(({ status }) => status !== "passed" && status !== "failed").length,
  }));
  // A file that cannot be loaded fails without any test of its own.
  const unloaded = report.testResults.filter(
    (result) => result.status === "failed" && result.assertionResults.length === 0,
  );
  const counted = report.numFailedTests + unloaded.length;
  return {
    passed: report.numPassedTests,
    failed: counted === 0 && (code !== 0 || !report.success) ? 1 : counted,
    skipped: skippedIn.reduce((sum, { count }) => sum + count, 0),
    output,
    notes: skippedIn.filter(({ count }) => count > 0).map(({ name, count }) => `${count} in ${name}`),
  };
}
