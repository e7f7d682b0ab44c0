import { isIP } from "node:net";
import { EcsFlat, EcsVersion } from "@elastic/ecs";

interface Field {
  readonly type: string;
  readonly normalize: readonly string[];
  readonly required?: boolean;
  readonly pattern?: string;
  readonly expected_values?: readonly string[];
  readonly allowed_values?: readonly { readonly name: string; readonly expected_event_types?: readonly string[] }[];
}
const fields = EcsFlat as unknown as Readonly<Record<string, Field>>;
const required = Object.keys(fields).filter((name) => fields[name]?.required === true);

/** What a document does that the official field list does not allow. Members under `own` are a namespace of our own. */
export function ecsProblems(document: Readonly<Record<string, unknown>>, own = "headgate"): readonly string[] {
  const problems: string[] = [];
  const written = new Map(leaves(document, own));
  for (const name of required) if (!written.has(name)) problems.push(`${name} is required`);
  for (const [name, value] of written) {
    const field = fields[name];
    if (field === undefined) problems.push(`${name} is no field`);
    else checkField(name, field, value, problems);
  }
  const listed = (name: string): readonly unknown[] => {
    const value = written.get(name);
    return Array.isArray(value) ? (value as unknown[]) : [];
  };
  if (written.get("ecs.version") !== EcsVersion) problems.push(`ecs.version must be ${EcsVersion}`);
  for (const category of listed("event.category")) {
    const expected = fields["event.category"]?.allowed_values?.find(
      ({ name }) => name === category,
    )?.expected_event_types;
    for (const type of listed("event.type"))
      if (expected?.includes(String(type)) !== true)
        problems.push(`event.type ${String(type)} does not go with category ${String(category)}`);
  }
  return problems;
}

/** As `strict_date_optional_time` takes it, with the time and a zone. */
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

function checkField(
  name: string,
  { type, normalize, pattern, expected_values: expected, allowed_values }: Field,
  value: unknown,
  problems: string[],
): void {
  const allowed = expected ?? allowed_values?.map((one) => one.name) ?? [];
  if (normalize.includes("array") !== Array.isArray(value)) problems.push(`${name}: one value or a list?`);
  for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
    const right =
      type === "long"
        ? Number.isSafeInteger(one)
        : type === "ip"
          ? typeof one === "string" && isIP(one) !== 0
          : type === "date"
            ? typeof one === "string" && isoTime.test(one) && !Number.isNaN(Date.parse(one))
            : ["keyword", "match_only_text", "wildcard"].includes(type) && typeof one === "string";
    if (!right) problems.push(`${name} must be ${type}`);
    else if (allowed.length > 0 && !allowed.includes(String(one))) problems.push(`${name} must not be ${String(one)}`);
    else if (pattern !== undefined && !new RegExp(pattern).test(String(one))) problems.push(`${name} has another form`);
  }
}

function* leaves(
  value: Readonly<Record<string, unknown>>,
  own: string,
  path = "",
): Generator<readonly [string, unknown]> {
  for (const [name, member] of Object.entries(value)) {
    if ((path === "" && name === own) || member === undefined) continue;
    if (typeof member === "object" && member !== null && !Array.isArray(member))
      yield* leaves(member as Readonly<Record<string, unknown>>, own, `${path}${name}.`);
    else yield [`${path}${name}`, member];
  }
}
