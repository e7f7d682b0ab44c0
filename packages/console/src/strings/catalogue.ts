import type { en } from "./en.ts";
import type { Phrase } from "./phrase.ts";

/** A text's name. */
export type TextName = keyof typeof en;

/** All texts in one language; one that is missing is a type error. */
export type Catalogue = Readonly<Record<TextName, string>>;

/** Texts that go by a number: `name_one` and `name_other`. */
export type CountedName = {
  [Name in TextName]: Name extends `${infer Stem}_one` ? (`${Stem}_other` extends TextName ? Stem : never) : never;
}[TextName];

/** What a language other than English brings along. */
export interface Translation {
  readonly texts: Catalogue;
  /** What the API says, piece by piece. */
  translate(this: void, text: string): readonly Phrase[];
}
