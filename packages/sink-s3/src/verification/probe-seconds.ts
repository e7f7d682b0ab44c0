import type { RoleCredentials } from "../assume-role.ts";
import { defaultSessionSeconds, leastSessionSeconds } from "../assume-role.ts";

/** Life of a session that serves one probe. Another server may allow less than AWS does: then the stream asks for less. */
export function probeSeconds({ role }: RoleCredentials): number {
  return Math.min(leastSessionSeconds, role.durationSeconds ?? defaultSessionSeconds);
}
