import type { JsonObject } from "./event.ts";
import { Secret } from "./secret.ts";

/** Whether options hold a secret: a {@link Secret}, or a text where the sink says that a secret belongs. */
export function holdsSecret(value: unknown, names: readonly string[]): boolean {
  if (value instanceof Secret) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(
    ([name, member]) => (names.includes(name) && typeof member === "string") || holdsSecret(member, names),
  );
}

/** Options as the store may keep them: JSON, secrets redacted by kind and by name. */
export function storableOptions(options: object, names: readonly string[]): JsonObject {
  const text = JSON.stringify(options, (name, member: unknown) =>
    names.includes(name) && typeof member === "string" ? "[redacted]" : member,
  );
  return JSON.parse(text) as JsonObject;
}
