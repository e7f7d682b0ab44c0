import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";
import { root } from "./root.ts";

/** What is read of a run of vitest; its own JSON reporter leaves out why a test was skipped. */
export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  /** Each failure in a line: file, test, first line of the error. */
  readonly failures: readonly string[];
}

/** A reporter that writes a {@link TestReport} to the file that HEADGATE_TEST_REPORT names. */
// Vitest takes a reporter from a file by its default export.
export default class implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    let passed = 0;
    // Errors outside of any test count as failures too: in a file that cannot be loaded, in a hook, in the background.
    const failures = unhandled.map((error) => `outside of the tests: ${firstLine(error)}`);
    const skipped: { file: string; reason: string }[] = [];
    for (const module of modules) {
      const file = relative(root, module.moduleId);
      for (const error of module.errors()) failures.push(`${file}: ${firstLine(error)}`);
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) failures.push(`${file} > ${suite.fullName}: ${firstLine(error)}`);
      }
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") passed++;
        else if (result.state === "failed") failures.push(`${file} > ${test.fullName}: ${firstLine(result.errors[0])}`);
        else {
          const reason = result.state === "skipped" ? (result.note ?? "") : "it was not run to its end";
          skipped.push({ file, reason });
        }
      }
    }
    const report: TestReport = { passed, failed: failures.length, skipped, failures };
    writeFileSync(process.env["HEADGATE_TEST_REPORT"] ?? "report.json", JSON.stringify(report));
  }
}

function firstLine(error: unknown): string {
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : error;
  return String(message).split("\n", 1)[0]?.slice(0, 300) ?? "";
}
