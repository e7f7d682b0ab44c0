import { main } from "./main.ts";
import { createTerminal } from "./terminal/terminal.ts";

// `headgate export … | head` ends when its reader has had enough: that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const terminal = createTerminal({ stdout: process.stdout, stderr: process.stderr, now: () => performance.now() });
process.exitCode = await main(process.argv.slice(2), terminal);
// Idle connections of an SDK must not keep a command alive that is done.
setTimeout(() => process.exit(), 1000).unref();
