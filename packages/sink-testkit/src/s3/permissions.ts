import type { S3Permission } from "./model.ts";
import { S3Refusal } from "./refusal.ts";
import type { Caller } from "./signature.ts";

/** IAM wildcards: `*` any run of characters, `?` one: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html */
function matches(pattern: string, value: string): boolean {
  const source = pattern
    .split(/([*?])/)
    .map((part) => (part === "*" ? ".*" : part === "?" ? "." : part.replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`)))
    .join("");
  return new RegExp(`^${source}$`, "s").test(value);
}

function allows(permissions: readonly S3Permission[], action: string, resource: string): boolean {
  return permissions.some(
    (permission) =>
      permission.actions.some((pattern) => matches(pattern, action)) &&
      permission.resources.some((pattern) => matches(pattern, resource)),
  );
}

/** Whether the caller may do it. A session may do what both its role and its session policy allow. */
export function isAllowed(caller: Caller, action: string, resource: string): boolean {
  if ("user" in caller)
    return caller.user.permissions === undefined || allows(caller.user.permissions, action, resource);
  const { role, policy } = caller.session;
  return allows(role.permissions, action, resource) && (policy === undefined || allows(policy, action, resource));
}

/** The caller's ARN. */
export function callerArn(caller: Caller): string {
  return "user" in caller ? caller.user.arn : caller.session.arn;
}

/** Throws AccessDenied 403 unless the caller may do it. */
export function authorize(caller: Caller, action: string, resource: string): void {
  if (isAllowed(caller, action, resource)) return;
  throw new S3Refusal(
    403,
    "AccessDenied",
    `User: ${callerArn(caller)} is not authorized to perform: ${action} on resource: "${resource}"`,
  );
}

const malformed = (): S3Refusal => new S3Refusal(400, "MalformedPolicyDocument", "The policy is not well-formed.");

function stringList(value: unknown): readonly string[] {
  const values: unknown = typeof value === "string" ? [value] : value;
  if (!Array.isArray(values) || !values.every((each) => typeof each === "string")) throw malformed();
  return values;
}

/**
 * Whether a statement applies. The one condition that is understood is `StringLike` on `kms:ViaService`, for KMS actions:
 * this server uses keys for S3 in its region alone.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
function applies(condition: unknown, actions: readonly string[], region: string): boolean {
  if (condition === undefined) return true;
  const { StringLike: like, ...others } = condition as { StringLike?: Readonly<Record<string, unknown>> };
  const { "kms:ViaService": service, ...keys } = like ?? {};
  const known = Object.keys(others).length === 0 && Object.keys(keys).length === 0 && typeof service === "string";
  if (!known || !actions.every((action) => action.startsWith("kms:"))) throw malformed();
  return matches(service, `s3.${region}.amazonaws.com`);
}

/**
 * Reads the JSON of a session policy. Only `Allow` statements are understood, with the one condition that `applies`
 * knows; anything else is malformed.
 */
export function parsePolicy(text: string, region: string): readonly S3Permission[] {
  // At most 2,048 characters: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
  if (text.length > 2048) throw new S3Refusal(400, "PackedPolicyTooLarge", "The session policy is too large.");
  try {
    const policy = JSON.parse(text) as { Version?: unknown; Statement?: unknown };
    if (policy.Version !== "2012-10-17" || !Array.isArray(policy.Statement)) throw malformed();
    return (policy.Statement as Record<string, unknown>[]).flatMap((statement) => {
      if (statement["Effect"] !== "Allow") throw malformed();
      const permission = { actions: stringList(statement["Action"]), resources: stringList(statement["Resource"]) };
      return applies(statement["Condition"], permission.actions, region) ? [permission] : [];
    });
  } catch {
    throw malformed();
  }
}
