import { readFileSync } from "node:fs";

/** An attribute of a class or of an object. */
export interface OcsfAttribute {
  /** A scalar ends in `_t`; everything else is the name of an object. Undefined where nothing but the name is known. */
  readonly type: string | undefined;
  readonly list: boolean;
  readonly required: boolean;
  readonly deprecated: boolean;
}

/** A class or an object with all that it inherits. */
export interface OcsfDefinition {
  readonly uid: number | undefined;
  readonly caption: string | undefined;
  readonly attributes: ReadonlyMap<string, OcsfAttribute>;
  readonly atLeastOne: readonly string[];
  /** Captions by number, by attribute. */
  readonly enums: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface Raw {
  readonly extends?: string;
  readonly uid?: number;
  readonly caption?: string;
  readonly attributes: string;
  readonly at_least_one?: string;
  readonly enums?: OcsfDefinition["enums"];
}
interface Schema {
  readonly version: string;
  readonly categories: Readonly<Record<string, string>>;
  readonly siblings: Readonly<Record<string, string>>;
  readonly enums: OcsfDefinition["enums"];
  readonly classes: Readonly<Record<string, Raw>>;
  readonly objects: Readonly<Record<string, Raw>>;
}

const schema = JSON.parse(readFileSync(new URL("ocsf-schema.json", import.meta.url), "utf8")) as Schema;

/** Release that the facts are of, names of categories, and which attribute is the caption of which number. */
export const { version: ocsfVersion, categories: ocsfCategories, siblings: ocsfSiblings }: Schema = schema;

/** Definitions by name. */
export const ocsfObjects: ReadonlyMap<string, OcsfDefinition> = definitionsOf(schema.objects);

/** The classes that have a number of their own, by that number. */
export const ocsfClassesByUid: ReadonlyMap<number, OcsfDefinition> = new Map(
  [...definitionsOf(schema.classes).values()].flatMap((one) => (one.uid === undefined ? [] : [[one.uid, one]])),
);

function definitionsOf(raws: Readonly<Record<string, Raw>>): ReadonlyMap<string, OcsfDefinition> {
  const definition = (name: string): OcsfDefinition => {
    const raw = raws[name] as Raw;
    const parent = raw.extends === undefined ? undefined : definition(raw.extends);
    const attributes = new Map(parent?.attributes);
    for (const text of raw.attributes.split(" ").filter(Boolean)) attributes.set(...attributeOf(text));
    const enums: Record<string, Readonly<Record<string, string>>> = { ...(parent?.enums ?? schema.enums) };
    for (const [member, captions] of Object.entries(raw.enums ?? {})) enums[member] = { ...enums[member], ...captions };
    return {
      uid: raw.uid,
      caption: raw.caption,
      attributes,
      atLeastOne: raw.at_least_one?.split(" ") ?? parent?.atLeastOne ?? [],
      enums,
    };
  };
  return new Map(Object.keys(raws).map((name) => [name, definition(name)]));
}

function attributeOf(text: string): [name: string, attribute: OcsfAttribute] {
  const [, name = "", type, list, marks = ""] = /^(\w+)(?::(\w+)(\[\])?)?([!+~]*)$/.exec(text) ?? [];
  if (name === "") throw new Error(`no attribute: ${text}`);
  return [name, { type, list: list !== undefined, required: marks.includes("!"), deprecated: marks.includes("~") }];
}
