import { HeadgateError } from "./errors.ts";
import type { JsonObject, JsonValue } from "./event.ts";
import { Secret } from "./secret.ts";
import type { Vault } from "./vault.ts";

const redacted = "[redacted]";
/** The one member of the object that stands in stored options for a secret. */
const sealedMember = "$sealed";

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
  return stored(options, names, () => redacted);
}

/** Options as the store may keep them, their secrets sealed for the stream that `about` names. */
export function sealedOptions(options: object, names: readonly string[], vault: Vault, about: string): JsonObject {
  return stored(options, names, (value) => ({ [sealedMember]: vault.seal(value, about) }));
}

/** Stored options with their secrets opened. @throws `secret_unreadable`, `secrets_unavailable` */
export function openedOptions(options: JsonObject, vault: Vault | undefined, about: string): object {
  return replaceSealed(options, (sealed) => {
    if (vault !== undefined) return vault.open(sealed, about);
    throw new HeadgateError(
      "secrets_unavailable",
      "The stream holds a sealed secret, and there is no key to open it with.",
      {
        hint: "Configure the key that sealed it.",
      },
    );
  }) as object;
}

/** Stored options for people: what is sealed is redacted. */
export function shownOptions(options: JsonObject): JsonObject {
  return replaceSealed(options, () => redacted) as JsonObject;
}

function stored(options: object, names: readonly string[], seal: (value: Secret) => JsonValue): JsonObject {
  const text = JSON.stringify(options, function (this: Readonly<Record<string, unknown>>, name, member: unknown) {
    // By now a Secret has turned itself into "[redacted]"; its holder still has it.
    const raw = this[name];
    if (raw instanceof Secret) return seal(raw);
    return names.includes(name) && typeof member === "string" ? seal(new Secret(member)) : member;
  });
  return JSON.parse(text) as JsonObject;
}

function replaceSealed(value: JsonValue, replacement: (sealed: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((member: JsonValue) => replaceSealed(member, replacement));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === sealedMember && typeof first[1] === "string") return replacement(first[1]);
  return Object.fromEntries(entries.map(([name, member]) => [name, replaceSealed(member, replacement)]));
}
