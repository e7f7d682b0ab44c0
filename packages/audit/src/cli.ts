#!/usr/bin/env node
import { parseArgs } from "node:util";
import { isHeadgateError } from "@headgate/core";
import { auditDescription, auditOptions, type AuditOutput, runAudit } from "./audit-command.ts";

const usage = "Usage: headgate-audit [options] FOLDER|s3://BUCKET/PREFIX";
const interactive = process.stderr.isTTY;
const everyMs = interactive ? 100 : 5000;

let shownAt = performance.now();
const output: AuditOutput = {
  interactive,
  print: (text) => new Promise((resolve) => void process.stdout.write(text, () => resolve())),
  progress(state) {
    const now = performance.now();
    if (now - shownAt < everyMs) return;
    shownAt = now;
    // A terminal that does not know its width says 0.
    const line = (): string => state().slice(0, (process.stderr.columns || 80) - 1);
    process.stderr.write(interactive ? `\r\u001b[2K${line()}` : `${state()}\n`);
  },
  endProgress() {
    if (!interactive) return;
    process.stderr.write("\r\u001b[2K");
    shownAt = Number.NEGATIVE_INFINITY;
  },
};

function helpText(): string {
  const rows = Object.entries(auditOptions).map(([name, option]) => {
    const left = `--${name}${"value" in option ? ` ${option.value}` : ""}`;
    return `  ${left.padEnd(24)}  ${option.description}`;
  });
  rows.push(`  ${"--json".padEnd(24)}  Print the result as JSON.`, `  ${"--help".padEnd(24)}  Show this.`);
  return `${usage}\n\n${auditDescription}\n\nOptions:\n${rows.join("\n")}\n\nExample:\n  headgate-audit ./out --keys digest-keys.json\n`;
}

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => stop.abort(new Error("stopped by a signal")));

try {
  const { values, positionals } = parseArgs({
    options: { ...auditOptions, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    allowPositionals: true,
  });
  if (values.help === true) await output.print(helpText());
  else process.exitCode = await runAudit(positionals, values, output, stop.signal);
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  const hint = isHeadgateError(error) ? error.hint : undefined;
  process.stderr.write(`${message}${hint === undefined ? "" : ` ${hint}`}\n`);
  const misused =
    code === "config_invalid" || code === "sink_options_invalid" || code?.startsWith("ERR_PARSE_ARGS") === true;
  if (misused) process.stderr.write(`${usage}\n`);
  process.exitCode = misused ? 2 : 1;
}
// Idle connections of an SDK must not keep it alive.
setTimeout(() => process.exit(), 1000).unref();
