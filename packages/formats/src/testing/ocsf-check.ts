import { readFileSync } from "node:fs";
import { isIP } from "node:net";

interface Definition {
  readonly extends?: string;
  readonly attributes: string;
  readonly at_least_one?: string;
  readonly enums?: Readonly<Record<string, readonly number[]>>;
  readonly uid?: number;
  readonly category?: number;
  readonly caption?: string;
  readonly activities?: Readonly<Record<string, string>>;
}
interface Schema {
  readonly classes: Readonly<Record<string, Definition>>;
  readonly objects: Readonly<Record<string, Definition>>;
  readonly types: Readonly<Record<string, string>>;
  readonly enums: Readonly<Record<string, readonly number[]>>;
  readonly categories: Readonly<Record<string, string>>;
}
type Members = Readonly<Record<string, unknown>>;

const schema = JSON.parse(readFileSync(new URL("ocsf-schema.json", import.meta.url), "utf8")) as Schema;

/** What an event of OCSF does that the schema does not allow; empty where it is right. */
export function ocsfProblems(event: Members): readonly string[] {
  const problems: string[] = [];
  const known = Object.entries(schema.classes).map(([name, own]) => [uidOf(name), name, own] as const);
  const [uid, name, own] = known.find(([one]) => one === event["class_uid"]) ?? [];
  if (uid === undefined || name === undefined || own === undefined) return [`no class ${String(event["class_uid"])}`];
  checkObject(event, name, schema.classes, "", problems);
  const expect = (member: string, value: unknown): void => {
    if (event[member] !== value) problems.push(`${member} must be ${String(value)}, not ${String(event[member])}`);
  };
  const activity = event["activity_id"] as number;
  const caption = own.activities?.[activity];
  if (caption === undefined && activity !== 0 && activity !== 99) problems.push(`no activity ${activity}`);
  if (caption !== undefined) expect("activity_name", caption);
  expect("class_name", own.caption);
  expect("category_uid", Math.floor(uid / 1000));
  expect("category_name", schema.categories[Math.floor(uid / 1000)]);
  expect("type_uid", uid * 100 + activity);
  expect("type_name", `${own.caption}: ${caption ?? (activity === 0 ? "Unknown" : "Other")}`);
  return problems;
}

/** Number of a class, with its category's. */
function uidOf(name: string): number | undefined {
  const own = schema.classes[name];
  const category = own?.category ?? schema.classes[own?.extends ?? ""]?.category;
  return own?.uid === undefined || category === undefined ? undefined : category * 1000 + own.uid;
}

function checkObject(
  value: Members,
  name: string,
  definitions: Readonly<Record<string, Definition>>,
  path: string,
  problems: string[],
): void {
  const attributes = new Map<string, boolean>();
  let atLeastOne: string | undefined;
  const enums: Record<string, readonly number[]> = { ...schema.enums };
  for (let at: Definition | undefined = definitions[name]; at !== undefined; at = definitions[at.extends ?? ""]) {
    for (const text of at.attributes.split(" ").filter(Boolean)) {
      const required = text.endsWith("!");
      const attribute = required ? text.slice(0, -1) : text;
      attributes.set(attribute, (attributes.get(attribute) ?? false) || required);
    }
    atLeastOne ??= at.at_least_one;
    Object.assign(enums, at.enums);
  }
  for (const [attribute, required] of attributes)
    if (required && value[attribute] === undefined) problems.push(`${path}${attribute} is required`);
  if (atLeastOne !== undefined && !atLeastOne.split(" ").some((one) => value[one] !== undefined))
    problems.push(`${path} needs one of ${atLeastOne}`);
  for (const [member, one] of Object.entries(value)) {
    if (!attributes.has(member)) problems.push(`${path}${member} is unknown in ${name}`);
    else checkValue(one, schema.types[member] ?? "unknown", `${path}${member}`, problems);
    const allowed = enums[member];
    if (allowed !== undefined && !allowed.includes(one as number)) problems.push(`${path}${member}: ${String(one)}`);
  }
}

function checkValue(value: unknown, type: string, path: string, problems: string[]): void {
  const wrong = (): void => void problems.push(`${path} must be ${type}`);
  if (type.endsWith("[]")) {
    if (!Array.isArray(value)) wrong();
    else value.forEach((one, i) => checkValue(one, type.slice(0, -2), `${path}[${i}]`, problems));
    return;
  }
  switch (type) {
    case "string":
      // The longest text that the dictionary's string type holds.
      if (typeof value !== "string" || value.length > 65_535) wrong();
      break;
    case "integer":
    case "timestamp":
      if (!Number.isSafeInteger(value)) wrong();
      break;
    case "ip":
      if (typeof value !== "string" || isIP(value) === 0 || value.length > 40) wrong();
      break;
    default: {
      if (typeof value !== "object" || value === null || Array.isArray(value)) wrong();
      else if (type !== "object" && schema.objects[type] === undefined) problems.push(`${path}: no type ${type}`);
      else if (type !== "object") checkObject(value as Members, type, schema.objects, `${path}.`, problems);
    }
  }
}
