import { createHash } from "node:crypto";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const maxLength = 64;

/**
 * The role session's name, as the customer's CloudTrail shows it: `headgate-{organization}-{stream}`. Characters that
 * STS does not take become `_`. A name that was changed or cut ends in a hash, so that two streams never share one.
 */
export function roleSessionName(organization: string, stream: string): string {
  const full = `headgate-${organization}-${stream}`;
  const plain = full.replaceAll(/[^A-Za-z0-9_=,.@-]/g, "_");
  if (plain === full && full.length <= maxLength) return full;
  const hash = createHash("sha256").update(full).digest("hex").slice(0, 10);
  return `${plain.slice(0, maxLength - 1 - hash.length)}-${hash}`;
}
