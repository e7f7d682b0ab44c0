import { setFlagsFromString } from "node:v8";
import { main, reportError } from "./main.ts";
import { outputErrorText } from "./terminal/output-error.ts";
import { createTerminal } from "./terminal/terminal.ts";

// A young generation that stays small: four times larger it costs some 90 MB of memory and saves no time that is measured.
setFlagsFromString("--semi-space-growth-factor=1");

const args = process.argv.slice(2);
const terminal = createTerminal({ stdout: process.stdout, stderr: process.stderr, now: () => performance.now() });

// `headgate export … | head` ends when its reader has had enough: that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  terminal.endProgress();
  terminal.note(outputErrorText(error));
  process.exit(1);
});
process.on("uncaughtException", (error) => process.exit(reportError(error, args, terminal)));

process.exitCode = await main(args, terminal);
// Idle connections of an SDK must not keep a command alive that is done.
setTimeout(() => process.exit(), 1000).unref();
