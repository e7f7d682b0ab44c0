/** What is asked for, and in which circumstances. */
export interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
  /** Who asks: an ARN of IAM or of an identity provider. */
  readonly principal: string;
  /** Condition keys that the request has. */
  readonly keys: Readonly<Record<string, string>>;
}

/** A policy as JSON says it. */
export interface Policy {
  readonly Statement: readonly Statement[];
}

interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, Some>>;
  readonly Action: Some;
  readonly Resource?: Some;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Some>>>>;
}
type Some = string | readonly string[];

/** Whether a policy allows a request, refuses it, or says nothing of it. A refusal is stronger. */
export function policyVerdict({ Statement: statements }: Policy, request: PolicyRequest): "allow" | "deny" | undefined {
  const effects = new Set(statements.filter((one) => applies(one, request)).map(({ Effect }) => Effect));
  return effects.has("Deny") ? "deny" : effects.has("Allow") ? "allow" : undefined;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
function applies(statement: Statement, { action, resource, principal, keys }: PolicyRequest): boolean {
  const { Principal: whom, Condition: conditions = {} } = statement;
  return (
    (whom === undefined || whom === "*" || Object.values(whom).some((one) => list(one).includes(principal))) &&
    list(statement.Action).some((pattern) => isLike(pattern.toLowerCase(), action.toLowerCase())) &&
    (statement.Resource === undefined || list(statement.Resource).some((pattern) => isLike(pattern, resource))) &&
    Object.entries(conditions).every(([operator, wanted]) =>
      Object.entries(wanted).every(([key, values]) => holds(operator, list(values), keys[key])),
    )
  );
}

/**
 * A key that the request does not have fails a condition, and meets a negated one:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
function holds(operator: string, wanted: readonly string[], value: string | undefined): boolean {
  switch (operator) {
    case "StringEquals":
      return value !== undefined && wanted.includes(value);
    case "StringNotEquals":
      return value === undefined || !wanted.includes(value);
    case "StringLike":
      return value !== undefined && wanted.some((pattern) => isLike(pattern, value));
    case "Bool":
      return value !== undefined && wanted.includes(value.toLowerCase());
    case "Null":
      return wanted.includes(String(value === undefined));
    default:
      throw new Error(`no operator ${operator}`);
  }
}

function isLike(pattern: string, text: string): boolean {
  const source = pattern.replaceAll(/[^*?]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
  return new RegExp(`^${source.replaceAll("*", ".*").replaceAll("?", ".")}$`, "su").test(text);
}

function list(some: Some): readonly string[] {
  return typeof some === "string" ? [some] : some;
}
