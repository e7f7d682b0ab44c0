import { checkAgainst } from "../config/check.ts";
import { pathText } from "../config/problem.ts";
import { nearest } from "../nearest.ts";
import { UsageError } from "./command.ts";

/** What a customer would type into the form, by the names of the sink's schema. */
export type Given = Readonly<Record<string, unknown>>;

/** The part of JSON Schema that the forms of sinks are made of. */
interface Field {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Field>>;
  readonly additionalProperties?: Field | boolean;
  readonly required?: readonly string[];
  readonly writeOnly?: boolean;
}

/**
 * Reads `name=value` and `group.name=value`, each checked against the sink's schema. Nothing has to be complete.
 * @throws {@link UsageError} also for a secret: guides need none, and a command line is no place for one
 */
export function givenOptions(pairs: readonly string[], sink: string, schema: Given): Given {
  const given: Record<string, unknown> = {};
  for (const pair of pairs) {
    const [, name = "", value = ""] = /^([^=]*)=(.*)$/s.exec(pair) ?? [];
    if (name === "") throw new UsageError("--option takes NAME=VALUE, e.g. --option region=eu-west-1.");
    put(given, name, value, sink, schema);
  }
  const { required: _, ...partial } = schema as Field;
  const problems = checkAgainst(partial, given).map(({ path, message }) => `${pathText(path) || "they"} ${message}`);
  if (problems.length > 0) throw new UsageError(`The options are wrong: ${problems.join("; ")}.`);
  return given;
}

/** Names of what the schema requires and nobody has given, secrets aside. */
export function missingOptions(schema: Given, given: Given): readonly string[] {
  const { required = [], properties = {} } = schema as Field;
  return required.filter((name) => !Object.hasOwn(given, name) && properties[name]?.writeOnly !== true);
}

function put(given: Record<string, unknown>, name: string, value: string, sink: string, schema: Given): void {
  const steps = name.split(".");
  let field = schema as Field;
  let place = given;
  for (const [at, step] of steps.entries()) {
    const next = memberOf(field, step);
    if (next === undefined) throw unknownOption(name, sink, field, steps.slice(0, at));
    if (next.writeOnly === true) {
      throw new UsageError(
        `${name} is a secret: leave it out here. The guide needs none, and a command line is no place for one.`,
      );
    }
    field = next;
    if (at === steps.length - 1) place[step] = typed(field, value);
    else place = (place[step] ??= {}) as Record<string, unknown>;
  }
}

function memberOf({ properties = {}, additionalProperties }: Field, name: string): Field | undefined {
  if (Object.hasOwn(properties, name)) return properties[name];
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}

function typed({ type }: Field, value: string): unknown {
  if (type === "boolean" && (value === "true" || value === "false")) return value === "true";
  return type === "integer" || type === "number" ? Number(value) : value;
}

function unknownOption(name: string, sink: string, { properties = {} }: Field, within: readonly string[]): UsageError {
  const whole = (member: string): string => [...within, member].join(".");
  const known = Object.keys(properties);
  const close = nearest(name.split(".")[within.length] ?? "", known);
  const offer = close === undefined ? `Known: ${known.map(whole).join(", ")}.` : `Did you mean "${whole(close)}"?`;
  return new UsageError(`${sink} has no option "${name}". ${offer}`);
}
