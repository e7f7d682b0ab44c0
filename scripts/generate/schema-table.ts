import { table } from "./markdown.ts";

/** The keywords of JSON Schema that the pages show. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly if?: Schema;
  readonly then?: Schema;
}

/** One row for each key of an object schema, keys of objects inside it with their path. */
export function schemaTable(schema: Schema): string {
  return table(["Key", "Value", "Meaning"], [...rowsOf(schema, "")]);
}

function* rowsOf(schema: Schema, path: string): Generator<readonly string[]> {
  for (const [key, member] of Object.entries(schema.properties ?? {})) {
    const name = path === "" ? key : `${path}.${key}`;
    const needed = schema.required?.includes(key) === true ? "**required** " : "";
    yield [`\`${name}\``, valueOf(member), `${needed}${meaningOf(member)}`];
    yield* rowsOf(member, name);
  }
  if (schema.items !== undefined) yield* rowsOf(schema.items, `${path}[]`);
  for (const variant of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) yield* rowsOf(variant, path);
}

/** What a value may be, in a few words. */
function valueOf(schema: Schema): string {
  if ("const" in schema) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(", ");
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) return variants.map(valueOf).join(" or ");
  const bounds = [
    schema.minimum !== undefined && `≥ ${schema.minimum}`,
    schema.maximum !== undefined && `≤ ${schema.maximum}`,
    schema.maxLength !== undefined && `at most ${schema.maxLength} characters`,
    schema.maxItems !== undefined && `at most ${schema.maxItems}`,
  ].filter((bound) => bound !== false);
  const examples = schema.examples?.map(code).join(", ");
  const type =
    schema.items === undefined ? [schema.type ?? "any"].flat().join(" or ") : `list of ${valueOf(schema.items)}`;
  return [[type, ...bounds].join(", "), ...(examples === undefined ? [] : [`e.g. ${examples}`])].join("; ");
}

function meaningOf(schema: Schema): string {
  const fallback = schema.default === undefined ? "" : ` Default: ${code(schema.default)}.`;
  return `${schema.description ?? ""}${fallback}`.trim();
}

function code(value: unknown): string {
  return `\`${typeof value === "string" && value !== "" ? value : JSON.stringify(value)}\``;
}
