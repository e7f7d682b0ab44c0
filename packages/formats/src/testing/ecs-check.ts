import { isIP } from "node:net";
import { EcsFlat, EcsVersion } from "@elastic/ecs";

interface Field {
  readonly type: string;
  readonly normalize: readonly string[];
  readonly allowed_values?: readonly { readonly name: string; readonly expected_event_types?: readonly string[] }[];
}
const fields = EcsFlat as unknown as Readonly<Record<string, Field>>;

/** What a document does that the official field list does not allow. Members under `own` are a namespace of our own. */
export function ecsProblems(document: Readonly<Record<string, unknown>>, own = "headgate"): readonly string[] {
  const problems: string[] = [];
  for (const [name, value] of leaves(document, own)) {
    const field = fields[name];
    if (field === undefined) problems.push(`${name} is no field`);
    else checkField(name, field, value, problems);
  }
  const { ecs, event } = document as {
    ecs?: { version?: string };
    event?: { category?: string[]; type?: string[] };
  };
  if (document["@timestamp"] === undefined) problems.push("@timestamp is required");
  if (ecs?.version !== EcsVersion) problems.push(`ecs.version must be ${EcsVersion}`);
  for (const category of event?.category ?? []) {
    const expected = fields["event.category"]?.allowed_values?.find(
      ({ name }) => name === category,
    )?.expected_event_types;
    for (const type of event?.type ?? [])
      if (expected?.includes(type) !== true) problems.push(`event.type ${type} does not go with category ${category}`);
  }
  return problems;
}

function checkField(
  name: string,
  { type, normalize, allowed_values: allowed }: Field,
  value: unknown,
  problems: string[],
): void {
  if (normalize.includes("array") !== Array.isArray(value)) problems.push(`${name}: one value or a list?`);
  for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
    const right =
      type === "long"
        ? Number.isSafeInteger(one)
        : type === "ip"
          ? typeof one === "string" && isIP(one) !== 0
          : type === "date"
            ? typeof one === "string" && !Number.isNaN(Date.parse(one))
            : ["keyword", "match_only_text", "wildcard"].includes(type) && typeof one === "string";
    if (!right) problems.push(`${name} must be ${type}`);
    if (allowed !== undefined && allowed.length > 0 && !allowed.some((value_) => value_.name === one))
      problems.push(`${name} must not be ${String(one)}`);
  }
}

function* leaves(
  value: Readonly<Record<string, unknown>>,
  own: string,
  path = "",
): Generator<readonly [string, unknown]> {
  for (const [name, member] of Object.entries(value)) {
    if (path === "" && name === own) continue;
    if (typeof member === "object" && member !== null && !Array.isArray(member))
      yield* leaves(member as Readonly<Record<string, unknown>>, own, `${path}${name}.`);
    else yield [`${path}${name}`, member];
  }
}
