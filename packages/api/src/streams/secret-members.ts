import type { JsonSchema } from "../route.ts";

/** What a customer gave, as the sink's schema names it. */
export type Given = Readonly<Record<string, unknown>>;

/** A schema that lets secrets, which are `writeOnly`, be left out. Everything else stays as it is. */
export function withoutSecretsRequired(schema: JsonSchema): JsonSchema {
  const secrets = new Set(secretNames(schema));
  return relaxed(schema, secrets) as JsonSchema;
}

function relaxed(value: unknown, secrets: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => relaxed(one, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]: [string, unknown]) => {
      if (key === "required" && Array.isArray(member))
        return [key, member.filter((name) => !secrets.has(name as string))];
      return [key, relaxed(member, secrets)];
    }),
  );
}

/** Names of the members that hold secrets, at any depth. */
export function secretNames(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(secretNames);
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, part]: [string, unknown]) => {
    if (key !== "properties" || typeof part !== "object" || part === null) return secretNames(part);
    return Object.entries(part).flatMap(([name, member]: [string, unknown]) => {
      const own = (member as { readonly writeOnly?: unknown } | null)?.writeOnly === true ? [name] : [];
      return [...own, ...secretNames(member)];
    });
  });
}

/** What was given, less its secrets. */
export function withoutSecrets(given: Given, secrets: ReadonlySet<string>): Given {
  return Object.fromEntries(
    Object.entries(given)
      .filter(([name]) => !secrets.has(name))
      .map(([name, value]) => [name, isObject(value) ? withoutSecrets(value, secrets) : value]),
  );
}

/** Names of the members in which two objects differ, e.g. `prefix`; of secrets those that were given. */
export function changedNames(
  before: Given,
  after: Given,
  given: Given,
  secrets: ReadonlySet<string>,
): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return [...changed, ...Object.keys(given).filter((name) => secrets.has(name))].sort();
}

function isObject(value: unknown): value is Given {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
