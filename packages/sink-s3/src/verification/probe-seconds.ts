import type { RoleCredentials } from "../assume-role.ts";
import { defaultSessionSeconds } from "../assume-role.ts";

/** The least that AWS gives: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const leastOfAws = 900;

/** Life of a session that serves one probe. Another server may allow less than AWS does: then the stream asks for less. */
export function probeSeconds({ role }: RoleCredentials): number {
  return Math.min(leastOfAws, role.durationSeconds ?? defaultSessionSeconds);
}
