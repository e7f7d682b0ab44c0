import { html, type TemplateResult } from "lit";
import type { Phrase } from "../strings/phrase.ts";
import type { Language } from "../strings/language.ts";

/** What the API says, in the reader's language where it is known; what stays in English is marked, so that it is read out as English. */
export function foreign(text: string, language: Language): readonly (string | TemplateResult)[] {
  return marked(language.foreign(text));
}

/** Pieces of a text, those in another language than the page's with a mark. */
export function marked(phrases: readonly Phrase[]): readonly (string | TemplateResult)[] {
  return phrases.map(({ text, lang }) => (lang === undefined ? text : html`<span lang=${lang}>${text}</span>`));
}
