import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "headgate-api-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Seen {
  readonly lines: number;
  readonly last: number;
  readonly bytes: number;
}

const total = 1_000_000;

it("exports a million events in memory that does not grow with them, and goes on where an export broke off", async () => {
  const program = join(import.meta.dirname, "../testing/export-memory.ts");
  const args = ["--conditions=@headgate/source", program, join(folder, "headgate.db"), String(total)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { whole, half, rest, csv, grownBytes } = JSON.parse(stdout) as Record<
    "whole" | "half" | "rest" | "csv",
    Seen
  > & {
    readonly grownBytes: number;
  };
  expect([whole.lines, whole.last]).toEqual([total, total]);
  expect(half.last).toBeLessThan(total);
  expect([half.last + rest.lines, rest.last]).toEqual([total, total]);
  expect([csv.lines, csv.last]).toEqual([total + 1, total]);
  // A fraction of what was written: about 200 MB of lines.
  expect(whole.bytes).toBeGreaterThan(150_000_000);
  expect(grownBytes).toBeLessThan(100_000_000);
});
