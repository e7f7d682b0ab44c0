import type { SinkFailure } from "@headgate/core";
import type { AwsError } from "./aws-error.ts";
import { vendorCode } from "./aws-error.ts";
import type { FaultRule } from "./fault-rule.ts";
import type { S3Destination } from "./settings.ts";

/** AWS's own words help and are safe to show; another server could put a credential or an event there. */
function awsWords(error: AwsError, destination: S3Destination): string {
  if (!destination.aws || error.status === undefined || error.message === "") return "";
  return ` AWS says: ${error.message.slice(0, 300)}`;
}

/** What a person reads about an error. */
export function sinkFailure(
  service: "S3" | "STS",
  rule: FaultRule,
  error: AwsError,
  destination: S3Destination,
): SinkFailure {
  const region = service === "S3" && error.region !== undefined && /^[a-z0-9-]{1,40}$/.test(error.region);
  const hint = region && rule.says.includes("region") ? `Set the stream's region to "${error.region}".` : rule.hint;
  // The same sentence stands for many refusals: which one it was, only S3's own code tells.
  const settings = service === "S3" && rule.code === "destination_misconfigured" && error.status !== undefined;
  const own = settings ? `${vendorCode(error)}, ` : "";
  return {
    code: rule.code,
    message: `${service} ${rule.says} (${own}bucket "${destination.bucket}" at ${destination.host}).${awsWords(error, destination)}`,
    hint,
    vendorCode: vendorCode(error),
  };
}
