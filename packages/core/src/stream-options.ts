import { HeadgateError } from "./errors.ts";
import type { JsonObject, JsonValue } from "./event.ts";
import { Secret } from "./secret.ts";
import { sealedContent, type Vault } from "./vault.ts";

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
export async function sealedOptions(
  options: object,
  names: readonly string[],
  vault: Vault,
  about: string,
): Promise<JsonObject> {
  const found: Secret[] = [];
  // Places are marked first, because sealing takes its time.
  const marked = stored(options, names, (value) => ({ [sealedMember]: String(found.push(value) - 1) }));
  const sealed: string[] = [];
  for (const value of found) sealed.push(await vault.seal(value, about));
  return replaceSealed(marked, (place) => ({ [sealedMember]: sealed[Number(place)] })) as JsonObject;
}

/** Stored options with their secrets under the key that seals now; the very same object where nothing changes. @throws `secret_unreadable` */
export async function rotatedOptions(options: JsonObject, vault: Vault, about: string): Promise<JsonObject> {
  const rotated = await eachSealed(options, (sealed) => vault.rotate(sealed, about));
  if ([...rotated].every(([before, after]) => before === after)) return options;
  return replaceSealed(options, (sealed) => ({ [sealedMember]: rotated.get(sealed) })) as JsonObject;
}

/** Stored options with their secrets opened. @throws `secret_unreadable`, `secrets_unavailable` */
export async function openedOptions(options: JsonObject, vault: Vault | undefined, about: string): Promise<object> {
  const opened = await eachSealed(options, async (sealed) => {
    if (vault !== undefined) return vault.open(sealed, about);
    throw new HeadgateError(
      "secrets_unavailable",
      "The stream holds a sealed secret, and there is no key to open it with.",
      {
        hint: "Configure the key that sealed it.",
      },
    );
  });
  return replaceSealed(options, (sealed) => opened.get(sealed)) as object;
}

/** Stored options for people: what is sealed is redacted. */
export function shownOptions(options: JsonObject): JsonObject {
  return replaceSealed(options, () => redacted) as JsonObject;
}

/** Stored options by what their secrets are, whatever key they are sealed under. */
export function contentOf(options: JsonObject): JsonObject {
  return replaceSealed(options, (sealed) => ({ [sealedMember]: sealedContent(sealed) })) as JsonObject;
}

/** What `work` makes of each sealed text, one after another. */
async function eachSealed<T>(options: JsonObject, work: (sealed: string) => Promise<T>): Promise<Map<string, T>> {
  const found = new Set<string>();
  replaceSealed(options, (sealed) => found.add(sealed));
  const made = new Map<string, T>();
  for (const sealed of found) made.set(sealed, await work(sealed));
  return made;
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
