import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Which process holds a lease, so that another one on the same machine can tell that it is gone. */
export interface ProcessIdentity {
  /** Two processes with the same value see each other's process ids. */
  readonly host: string;
  /** Process id, and where the system tells, when it started: ids are used again. */
  readonly process: string;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}

/** When a process started, in the system's own count; "" where the system does not tell, undefined where it is gone. */
function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, under another user.
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return undefined;
  }
  // Fields after the command, which may hold anything but ends with the last ")": state first, start time the 20th.
  const fields = read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
  return fields[0] === "Z" || fields[0] === "X" ? undefined : (fields[19] ?? "");
}

/** This process. On Linux the boot and the process namespace are part of the host: containers may share a host name. */
export function processIdentity(): ProcessIdentity {
  const boot = read("/proc/sys/kernel/random/boot_id");
  const host = [hostname(), boot, link("/proc/self/ns/pid")].join("|");
  return { host, process: `${process.pid}@${startOf(process.pid) ?? ""}` };
}

/** Whether a process of this host is certainly gone. */
export function isGone(held: ProcessIdentity, self: ProcessIdentity): boolean {
  if (held.host !== self.host || held.process === self.process) return false;
  const [pid = "", start = ""] = held.process.split("@");
  const now = startOf(Number(pid));
  return now === undefined || (start !== "" && now !== "" && now !== start);
}
