type Members = Readonly<Record<string, unknown>>;

/** Attributes of version 1.0 that every event must have. */
const required = ["id", "source", "specversion", "type"];
const members = new Set(["data", "data_base64"]);
/** What texts must not hold: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#type-system */
const disallowed = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const uriReference = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
/** RFC 3339. */
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** What the text of the specification has against an event, beyond what its JSON schema can say. */
export function cloudEventsProblems(event: Members): readonly string[] {
  const problems: string[] = [];
  for (const name of required) if (event[name] === undefined) problems.push(`${name} is required`);
  if (event["specversion"] !== "1.0") problems.push("specversion must be 1.0");
  for (const [name, value] of Object.entries(event)) {
    if (members.has(name)) continue;
    if (!/^[a-z0-9]{1,20}$/.test(name)) problems.push(`${name} is no name of an attribute`);
    if (typeof value !== "string") problems.push(`${name} must be a text here`);
    else if (value === "") problems.push(`${name} must not be empty`);
    else if (disallowed.test(value)) problems.push(`${name} holds what no attribute may hold`);
  }
  const { source, time } = event;
  if (typeof source === "string" && !uriReference.test(source)) problems.push("source must be a URI-reference");
  if (typeof time === "string" && !timestamp.test(time)) problems.push("time must be RFC 3339");
  if (event["data"] !== undefined && event["data_base64"] !== undefined) problems.push("data is there twice");
  return problems;
}
