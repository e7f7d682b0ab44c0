// Loaded before a measured program (`node --import`): as the process exits, it tells its own CPU time, which covers all
// of its threads, and its peak memory, on file descriptor 3. Nothing is sampled, so nothing is missed at the end.
import { readFileSync, writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import type { ProcessUsage } from "./processes.ts";

if (isMainThread) {
  process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    const usage: ProcessUsage = { cpuSeconds: (user + system) / 1e6, peakRss: peakRss() };
    writeSync(3, JSON.stringify(usage));
  });
}

/** On Linux from the kernel's own mark of this program: `maxRSS` there includes the parent's size at the fork. */
function peakRss(): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {}
  return process.resourceUsage().maxRSS * 1024;
}
