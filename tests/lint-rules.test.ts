import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const root = dirname(import.meta.dirname);

interface Report {
  readonly diagnostics: readonly { readonly code: string; readonly message: string }[];
}

/** Lints one line as if it stood in the file at `path`; returns the codes of the rules it breaks. */
async function lint(path: string, line: string): Promise<readonly string[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-lint-"));
  await copyFile(join(root, ".oxlintrc.json"), join(folder.path, ".oxlintrc.json"));
  await writeFile(join(folder.path, "tsconfig.json"), JSON.stringify({ compilerOptions: { strict: true, types: [] } }));
  await mkdir(join(folder.path, dirname(path)), { recursive: true });
  await writeFile(join(folder.path, path), `${line}\n`);
  const oxlint = join(root, "node_modules", ".bin", "oxlint");
  const text = await new Promise<string>((resolve, reject) => {
    execFile(oxlint, ["--type-aware", "--format=json", path], { cwd: folder.path }, (_failed, stdout, stderr) => {
      if (stdout.startsWith("{")) resolve(stdout);
      else reject(new Error(`oxlint printed no report: ${stdout}${stderr}`));
    });
  });
  return (JSON.parse(text) as Report).diagnostics.map((diagnostic) => diagnostic.code);
}

const imports = "eslint(no-restricted-imports)";

describe("the rule that arrows point at core", () => {
  it.each([
    ["packages/core/src/x.ts", `export { s3Sink } from "@headgate/sink-s3";`],
    ["packages/core/src/x.ts", `import type { Config } from "@headgate/runner"; export type X = Config;`],
    ["packages/core/src/deep/x.ts", `export const fs = await import("node:fs/promises");`],
    ["packages/core/src/x.ts", `export { createServer } from "node:http";`],
    ["packages/core/src/x.ts", `export { connect } from "node:net";`],
    ["packages/core/src/x.ts", `export { spawn } from "node:child_process";`],
    ["packages/core/src/x.ts", `export { S3Client } from "@aws-sdk/client-s3";`],
    ["packages/core/src/x.ts", `export { x } from "../../sink-file/src/index.ts";`],
    ["packages/core/src/x.test.ts", `export { s3Sink } from "@headgate/sink-s3";`],
    ["packages/sink-s3/src/x.ts", `export { fileSink } from "@headgate/sink-file";`],
    ["packages/sink-s3/src/x.ts", `export { run } from "@headgate/runner";`],
    ["packages/sink-s3/src/x.ts", `export { sinkConformance } from "@headgate/sink-testkit";`],
    ["packages/sink-splunk/src/x.ts", `export { s3Sink } from "@headgate/sink-s3";`],
    ["packages/sink-splunk/src/deep/x.ts", `export { request } from "node:https";`],
    ["packages/sink-datadog/src/x.ts", `export { lookup } from "node:dns";`],
    ["packages/egress/src/x.ts", `export { s3Sink } from "@headgate/sink-s3";`],
    ["packages/core/src/x.ts", `export { httpClient } from "@headgate/egress";`],
    ["packages/store-sqlite/src/x.ts", `export { fileSink } from "@headgate/sink-file";`],
    ["packages/store-sqlite/src/x.ts", `export { x } from "../../core/src/journal.ts";`],
    ["packages/sink-testkit/src/x.ts", `export { fileSink } from "@headgate/sink-file";`],
    ["packages/store-testkit/src/x.ts", `export { sqliteStore } from "@headgate/store-sqlite";`],
    ["packages/api/src/x.ts", `export { s3Sink } from "@headgate/sink-s3";`],
    ["packages/api/src/deep/x.ts", `export { x } from "../../../core/src/journal.ts";`],
    ["packages/alerts/src/x.ts", `export { createApi } from "@headgate/api";`],
    ["packages/console/src/x.ts", `export { createApi } from "@headgate/api";`],
    ["packages/telemetry/src/x.ts", `export { run } from "@headgate/runner";`],
    ["packages/runner/src/x.ts", `export { x } from "../../core/src/journal.ts";`],
    ["examples/embed/src/x.ts", `export { x } from "../../../packages/core/src/index.ts";`],
    ["examples/embed/src/x.ts", `export { x } from "@headgate/core/src/index.ts";`],
  ])("refuses in %s: %s", async (path, line) => {
    expect(await lint(path, line)).toContain(imports);
  });

  it.each([
    ["packages/core/src/x.ts", `export { createHash } from "node:crypto";`],
    ["packages/core/src/x.test.ts", `export { storeConformance } from "@headgate/store-testkit";`],
    ["packages/sink-s3/src/x.ts", `export { HeadgateError } from "@headgate/core";`],
    ["packages/sink-s3/src/x.ts", `export { S3Client } from "@aws-sdk/client-s3";`],
    ["packages/sink-s3/src/x.ts", `export { httpClient } from "@headgate/egress";`],
    ["packages/egress/src/x.ts", `export { request } from "node:https";`],
    ["packages/sink-splunk/src/x.test.ts", `export { createServer } from "node:http";`],
    ["packages/sink-s3/src/x.test.ts", `export { sinkConformance } from "@headgate/sink-testkit";`],
    ["packages/sink-file/src/x.ts", `export { open } from "node:fs/promises";`],
    ["packages/runner/src/x.ts", `export { s3Sink } from "@headgate/sink-s3";`],
    ["examples/embed/src/x.ts", `export { createHeadgate } from "@headgate/core";`],
  ])("allows in %s: %s", async (path, line) => {
    expect(await lint(path, line)).not.toContain(imports);
  });
});

describe("the rules on what core may reach", () => {
  it("refuses the network and the console", async () => {
    const codes = await lint("packages/core/src/x.ts", `export const x = async () => console.log(await fetch("x"));`);
    expect(codes.filter((code) => code === "eslint(no-restricted-globals)")).toHaveLength(2);
  });
});

describe("the rule that sinks have one way out", () => {
  it("refuses fetch in a sink, and leaves it to its tests", async () => {
    const globals = "eslint(no-restricted-globals)";
    const line = `export const x = async (): Promise<Response> => await fetch("https://example.com");`;
    expect(await lint("packages/sink-datadog/src/x.ts", line)).toContain(globals);
    expect(await lint("packages/sink-datadog/src/x.test.ts", line)).not.toContain(globals);
  });
});

describe("the rules on style that matter to users", () => {
  it.each([
    ["eslint(no-console)", "packages/sink-s3/src/x.ts", `console.log("x");`],
    ["import(no-default-export)", "packages/core/src/x.ts", `export default 1;`],
    ["typescript(no-explicit-any)", "packages/core/src/x.ts", `export const x: any = 1;`],
    ["typescript(no-floating-promises)", "packages/core/src/x.ts", `Promise.resolve(1);`],
    ["typescript(await-thenable)", "packages/core/src/x.ts", `export const x = await 1;`],
    [
      "typescript(switch-exhaustiveness-check)",
      "packages/core/src/x.ts",
      `export function f(x: "a" | "b"): void { switch (x) { case "a": return; } }`,
    ],
    ["unicorn(filename-case)", "packages/core/src/someThing.ts", `export const x = 1;`],
  ])("reports %s in %s", async (code, path, line) => {
    expect(await lint(path, line)).toContain(code);
  });
});
