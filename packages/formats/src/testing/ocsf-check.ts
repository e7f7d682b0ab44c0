import { isIP } from "node:net";
import type { OcsfAttribute, OcsfDefinition } from "./ocsf-schema.ts";
import { ocsfCategories, ocsfClassesByUid, ocsfObjects, ocsfSiblings, ocsfVersion } from "./ocsf-schema.ts";

type Members = Readonly<Record<string, unknown>>;

/** What an event of OCSF does that the schema does not allow; empty where it is right. */
export function ocsfProblems(event: Members): readonly string[] {
  const uid = event["class_uid"];
  const own = typeof uid === "number" ? ocsfClassesByUid.get(uid) : undefined;
  if (own?.uid === undefined) return [`no class ${String(uid)}`];
  const problems: string[] = [];
  checkObject(event, own, "", problems);
  const expect = (member: string, value: unknown, found: unknown = event[member]): void => {
    if (found !== value) problems.push(`${member} must be ${String(value)}, not ${String(found)}`);
  };
  const activity = event["activity_id"] as number;
  const category = Math.floor(own.uid / 1000);
  expect("class_name", own.caption);
  expect("category_uid", category);
  expect("category_name", ocsfCategories[category]);
  expect("type_uid", own.uid * 100 + activity);
  expect("type_name", `${own.caption}: ${own.enums["activity_id"]?.[activity]}`);
  expect("metadata.version", ocsfVersion, (event["metadata"] as Members | undefined)?.["version"]);
  return problems;
}

function checkObject(value: Members, of: OcsfDefinition, path: string, problems: string[]): void {
  for (const [name, { required }] of of.attributes)
    if (required && value[name] === undefined) problems.push(`${path}${name} is required`);
  if (of.atLeastOne.length > 0 && !of.atLeastOne.some((one) => value[one] !== undefined))
    problems.push(`${path} needs one of ${of.atLeastOne.join(" ")}`);
  for (const [name, one] of Object.entries(value)) {
    const attribute = of.attributes.get(name);
    if (attribute === undefined) problems.push(`${path}${name} is unknown`);
    else checkAttribute(one, attribute, `${path}${name}`, problems);
    checkEnum(value, name, of, path, problems);
  }
}

/** A number must be one of the schema's, and its caption, if there is one, must be the schema's, except of what is other. */
function checkEnum(value: Members, name: string, of: OcsfDefinition, path: string, problems: string[]): void {
  const captions = of.enums[name];
  if (captions === undefined) return;
  const number = value[name];
  const caption = typeof number === "number" && Object.hasOwn(captions, number) ? captions[number] : undefined;
  if (caption === undefined) problems.push(`${path}${name}: ${JSON.stringify(number)}`);
  const sibling = ocsfSiblings[name];
  const shown = sibling === undefined ? undefined : value[sibling];
  if (caption !== undefined && shown !== undefined && shown !== caption && number !== 99)
    problems.push(`${path}${sibling} must be ${caption}, not ${JSON.stringify(shown)}`);
}

function checkAttribute(value: unknown, attribute: OcsfAttribute, path: string, problems: string[]): void {
  if (attribute.deprecated) problems.push(`${path} is deprecated`);
  const { type, list } = attribute;
  if (type === undefined) problems.push(`${path}: its type is not known`);
  else if (!list) checkValue(value, type, path, problems);
  else if (!Array.isArray(value)) problems.push(`${path} must be a list`);
  else value.forEach((one, i) => checkValue(one, type, `${path}[${i}]`, problems));
}

/** The longest text that the dictionary's string type holds. */
const longest = 65_535;
const isText = (value: unknown, most = longest): value is string => typeof value === "string" && value.length <= most;
/** Times are milliseconds, so none of this century's has less than 12 digits or more than 13. */
const isTime = (value: unknown): boolean => Number.isSafeInteger(value) && /^\d{12,13}$/.test(String(value));

const scalars: Readonly<Record<string, (value: unknown) => boolean>> = {
  string_t: isText,
  username_t: isText,
  resource_uid_t: isText,
  integer_t: Number.isSafeInteger,
  long_t: Number.isSafeInteger,
  timestamp_t: isTime,
  boolean_t: (value) => typeof value === "boolean",
  ip_t: (value) => isText(value, 40) && isIP(value) !== 0,
};

function checkValue(value: unknown, type: string, path: string, problems: string[]): void {
  if (type.endsWith("_t")) {
    const right = scalars[type];
    if (right === undefined) problems.push(`${path}: no type ${type}`);
    else if (!right(value)) problems.push(`${path} must be ${type}`);
    return;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) problems.push(`${path} must be ${type}`);
  else if (type !== "object") {
    const definition = ocsfObjects.get(type);
    if (definition === undefined) problems.push(`${path}: no object ${type}`);
    else checkObject(value as Members, definition, `${path}.`, problems);
  }
}
