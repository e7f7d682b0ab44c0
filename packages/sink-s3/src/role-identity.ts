import type { S3SinkOptions } from "./options.ts";

/**
 * The role that a stream acts as, so that two streams' can be compared; undefined where it acts as none. AWS knows a role by
 * its ARN, in any case of letters, whatever endpoint the bucket is reached at. Other servers leave the account out of their
 * ARNs, so theirs are told apart by the server.
 */
export function roleIdentity({ credentials, roleArn, endpoint }: S3SinkOptions): string | undefined {
  const arn = arnOf(credentials) ?? roleArn;
  if (arn === undefined) return undefined;
  const role = arn.toLowerCase();
  const [, , , , account = ""] = role.split(":");
  if (endpoint === undefined || /^\d{12}$/.test(account)) return role;
  // Which partition is named they do not look at.
  return `${role.replace(/^arn:[^:]*:/, "arn:aws:")} at ${serverOf(endpoint)}`;
}

function arnOf(credentials: S3SinkOptions["credentials"]): string | undefined {
  if (typeof credentials !== "object") return undefined;
  if ("assumeRole" in credentials) return credentials.assumeRole.roleArn;
  return "webIdentity" in credentials ? credentials.webIdentity.roleArn : undefined;
}

/** Host and port, without what can be written in two ways. */
function serverOf(endpoint: string): string {
  if (!URL.canParse(endpoint)) return endpoint.toLowerCase();
  const { hostname, port } = new URL(endpoint);
  return `${hostname.replace(/\.$/, "")}${port && `:${port}`}`;
}
