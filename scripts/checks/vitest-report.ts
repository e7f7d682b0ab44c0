import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";
import { root } from "./root.ts";

/** What is read of a run of vitest; its own JSON reporter leaves out why a test was skipped. */
export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

/** A reporter that writes a {@link TestReport} to the file that HEADGATE_TEST_REPORT names. */
// Vitest takes a reporter from a file by its default export.
export default class implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    let passed = 0;
    // Errors outside of any test count as failures too: in a file that cannot be loaded, in a hook, in the background.
    let failed = unhandled.length;
    const skipped: { file: string; reason: string }[] = [];
    for (const module of modules) {
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") passed++;
        else if (result.state === "failed") failed++;
        else {
          const reason = result.state === "skipped" ? (result.note ?? "") : "it was not run to its end";
          skipped.push({ file: relative(root, module.moduleId), reason });
        }
      }
    }
    const report: TestReport = { passed, failed, skipped };
    writeFileSync(process.env["HEADGATE_TEST_REPORT"] ?? "report.json", JSON.stringify(report));
  }
}
