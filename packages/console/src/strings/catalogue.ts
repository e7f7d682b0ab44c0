import type { en } from "./en.ts";

/** A text's name. */
export type TextName = keyof typeof en;

/** All texts in one language; one that is missing is a type error. */
export type Catalogue = Readonly<Record<TextName, string>>;

/** Texts that go by a number: `name_one` and `name_other`. */
export type CountedName = {
  [Name in TextName]: Name extends `${infer Stem}_one` ? (`${Stem}_other` extends TextName ? Stem : never) : never;
}[TextName];
