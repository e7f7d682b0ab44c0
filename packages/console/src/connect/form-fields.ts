import type { JsonSchema } from "../rest/wire.ts";

/** What was typed so far: nested as the schema is. */
export type FormValues = Readonly<Record<string, unknown>>;

/** How a field is filled in. */
export type FieldKind = "text" | "secret" | "number" | "boolean" | "choice" | "list" | "map";

/** One field of a form. */
export interface Field {
  /** Members from the root, e.g. `["encryption", "mode"]`. */
  readonly path: readonly string[];
  readonly schema: JsonSchema;
  readonly kind: FieldKind;
  readonly title: string;
  readonly required: boolean;
  readonly choices: readonly { readonly value: unknown; readonly title: string }[];
}

/** Fields under a common title. */
export interface FieldGroup {
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly fields: readonly Field[];
  /** Whether it stands in the form from the start; the others are "more options". */
  readonly prominent: boolean;
}

/**
 * The form of a JSON Schema, as far as the values call for it: fields of conditions (`if`/`then`) and of variants
 * (`oneOf`) come and go. Required ones, and those that the schema puts among them, are prominent.
 */
export function groupsOf(schema: JsonSchema, values: FormValues): readonly FieldGroup[] {
  const { properties, required } = appliedTo(schema, values);
  const names = Object.keys(properties);
  const lastRequired = names.findLastIndex((name) => required.has(name));
  const plain: Field[] = [];
  const rest: Field[] = [];
  const groups: FieldGroup[] = [];
  for (const [i, name] of names.entries()) {
    const property = properties[name];
    if (property === undefined) continue;
    const prominent = i <= lastRequired;
    if (isGroup(property)) {
      const inner = appliedTo(property, objectAt(values, [name]));
      const fields = Object.entries(inner.properties).flatMap(([member, one]) =>
        isGroup(one) ? [] : [field([name, member], one, inner.required.has(member))],
      );
      const { title = readable(name), description } = property;
      groups.push({ title, description, fields, prominent });
    } else (prominent ? plain : rest).push(field([name], property, required.has(name)));
  }
  const untitled = { title: undefined, description: undefined };
  return [
    { ...untitled, fields: plain, prominent: true },
    { ...untitled, fields: rest, prominent: false },
    ...groups,
  ].filter(({ fields }) => fields.length > 0);
}

/** The value of a field, or undefined. */
export function valueAt(values: FormValues, path: readonly string[]): unknown {
  let value: unknown = values;
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return value;
}

/** The values with one changed; `undefined` removes it, and what is empty thereby. */
export function withValue(values: FormValues, path: readonly string[], value: unknown): FormValues {
  const [name, ...rest] = path;
  if (name === undefined) return values;
  const { [name]: former, ...others } = values;
  const next = rest.length === 0 ? value : withValue(isObject(former) ? former : {}, rest, value);
  const empty = next === undefined || (isObject(next) && Object.keys(next).length === 0);
  return empty ? others : { ...values, [name]: next };
}

/** The values that the form shows: what was typed into fields that are gone, or into secret ones if `secrets` is false, is left out. */
export function shownValues(schema: JsonSchema, values: FormValues, secrets = true): FormValues {
  let shown: FormValues = {};
  for (const { fields } of groupsOf(schema, values))
    for (const { path, kind } of fields)
      if (secrets || kind !== "secret") shown = withValue(shown, path, valueAt(values, path));
  // A group that says something at all must say what it requires, be it the default.
  for (const { fields } of groupsOf(schema, values))
    for (const { path, schema: one, required } of fields)
      if (
        required &&
        path.length > 1 &&
        valueAt(shown, path.slice(0, 1)) !== undefined &&
        valueAt(shown, path) === undefined
      )
        shown = withValue(shown, path, one.default);
  return shown;
}

/** What may be wrong with a field before the API has seen it. */
export type Mistake = "field_required" | "field_invalid";

/** What is wrong with a field, if anything. A secret that is stored already need not be given again. */
export function mistakeIn(
  { schema, required, kind, path }: Field,
  values: FormValues,
  secretsKept: boolean,
): Mistake | undefined {
  const value = valueAt(values, path);
  if (value === undefined) {
    const missing = required && schema.default === undefined && !(kind === "secret" && secretsKept);
    return missing && kind !== "boolean" ? "field_required" : undefined;
  }
  if (typeof value === "number") {
    const { minimum = -Infinity, maximum = Infinity } = schema;
    return Number.isNaN(value) || value < minimum || value > maximum ? "field_invalid" : undefined;
  }
  if (typeof value !== "string") return undefined;
  if (kind === "map") return "field_invalid";
  const { minLength = 0, maxLength = Infinity, pattern } = schema;
  if (value.length < minLength || value.length > maxLength) return "field_invalid";
  return pattern !== undefined && !new RegExp(pattern, "u").test(value) ? "field_invalid" : undefined;
}

function field(path: readonly string[], schema: JsonSchema, required: boolean): Field {
  const choices = choicesOf(schema);
  const type = Array.isArray(schema.type) ? (schema.type as readonly string[])[0] : schema.type;
  const kind: FieldKind =
    choices.length > 0
      ? "choice"
      : schema.writeOnly === true
        ? "secret"
        : type === "boolean"
          ? "boolean"
          : type === "integer" || type === "number"
            ? "number"
            : type === "array"
              ? "list"
              : type === "object"
                ? "map"
                : "text";
  return { path, schema, kind, required, choices, title: schema.title ?? readable(path.at(-1) ?? "") };
}

function choicesOf(schema: JsonSchema): Field["choices"] {
  if (schema.enum) return schema.enum.map((value) => ({ value, title: String(value) }));
  const variants = schema.oneOf ?? schema.anyOf ?? [];
  if (variants.length === 0 || !variants.every((one) => one.const !== undefined)) return [];
  return variants.map((one) => ({ value: one.const, title: one.title ?? String(one.const) }));
}

function isGroup(schema: JsonSchema): boolean {
  return (
    schema.properties !== undefined || (schema.oneOf ?? schema.anyOf ?? []).some((one) => one.properties !== undefined)
  );
}

interface Applied {
  readonly properties: Record<string, JsonSchema>;
  readonly required: Set<string>;
}

/** An object schema with those of its conditions and variants that apply to the values. */
function appliedTo(schema: JsonSchema, values: FormValues, owner: JsonSchema = schema): Applied {
  const applied: Applied = { properties: { ...schema.properties }, required: new Set(schema.required) };
  const add = (part: JsonSchema): void => {
    const more = appliedTo(part, values, owner);
    for (const [name, property] of Object.entries(more.properties))
      applied.properties[name] = { ...applied.properties[name], ...property };
    for (const name of more.required) applied.required.add(name);
  };
  for (const part of schema.allOf ?? []) add(part);
  if (schema.if && schema.then && holds(schema.if, values, owner)) add(schema.then);
  addVariant(schema, values, applied, add);
  return applied;
}

/** Of variants that a constant member tells apart, that member becomes a choice, and the chosen variant's members follow. */
function addVariant(schema: JsonSchema, values: FormValues, applied: Applied, add: (part: JsonSchema) => void): void {
  const variants = (schema.oneOf ?? schema.anyOf ?? []).filter((one) => one.properties !== undefined);
  const first = variants[0];
  if (first === undefined) return;
  const mark = Object.entries(first.properties ?? {}).find(([, one]) => one.const !== undefined)?.[0];
  if (mark === undefined) {
    // Told apart by which member is there: all are offered, none is required.
    for (const variant of variants) Object.assign(applied.properties, variant.properties);
    return;
  }
  const constants = variants.map((one) => ({ const: one.properties?.[mark]?.const, title: one.title }));
  const { const: _one, ...described } = first.properties?.[mark] ?? {};
  applied.properties[mark] = {
    ...described,
    oneOf: constants.map(({ const: value, title }) => ({ const: value, title: title ?? String(value) })),
  };
  applied.required.add(mark);
  const chosen = variants.find((one) => one.properties?.[mark]?.const === values[mark]);
  if (chosen === undefined) return;
  const { [mark]: _mark, ...members } = chosen.properties ?? {};
  add({ ...chosen, properties: members });
}

/** Whether a condition holds, as far as forms need it: constants, choices and presence of members. */
function holds(condition: JsonSchema, values: FormValues, owner: JsonSchema): boolean {
  const present = (name: string): unknown => values[name] ?? owner.properties?.[name]?.default;
  if ((condition.required ?? []).some((name) => present(name) === undefined)) return false;
  return Object.entries(condition.properties ?? {}).every(([name, one]) => {
    const value = present(name);
    // JSON Schema lets it pass; a form that shows fields of a choice nobody has made yet would puzzle.
    if (value === undefined) return false;
    if (one.const !== undefined) return value === one.const;
    if (one.enum) return one.enum.includes(value);
    if (one.pattern !== undefined) return typeof value === "string" && new RegExp(one.pattern, "u").test(value);
    return one.properties ? holds(one, isObject(value) ? value : {}, one) : true;
  });
}

/** `name: value` lines as a map; the text itself while a line is none, which {@link mistakeIn} tells of. */
export function mapOf(text: string): Readonly<Record<string, string>> | string | undefined {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (lines.length === 0) return undefined;
  const entries = lines.map(
    (line) => /^([^:=\s]+)\s*[:=]\s*(.+)$/.exec(line)?.slice(1) as [string, string] | undefined,
  );
  const whole = entries.filter((entry) => entry !== undefined);
  return whole.length === lines.length ? Object.fromEntries(whole) : text;
}

/** A map as {@link mapOf} reads it. */
export function mapText(value: unknown): string {
  if (typeof value === "string") return value;
  return isObject(value)
    ? Object.entries(value)
        .map(([name, one]) => `${name}: ${String(one)}`)
        .join("\n")
    : "";
}

function objectAt(values: FormValues, path: readonly string[]): FormValues {
  const value = valueAt(values, path);
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is FormValues {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `role_arn` → `Role arn`. */
function readable(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
