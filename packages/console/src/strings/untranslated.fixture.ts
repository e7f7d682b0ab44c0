import { languageOf, loadLanguage } from "./language.ts";

await loadLanguage("de");
const german = languageOf("de");

/** Words that no name has, nor what stands for one (`<your-bucket>`): where they are, a place holds more than a name. */
const english = /(?<![<-])\b(the|your|its|and)\b(?!-)/;

/** What of the texts stays English in German, with the text that it stands in. */
export function untranslated(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].flatMap((given) =>
    german
      .foreign(given)
      .flatMap(({ text, lang }) => (lang === undefined && !english.test(text) ? [] : [`${text} ← ${given}`])),
  );
}

/** The text in German, whatever stays English in it. */
export function germanOf(text: string): string {
  return german
    .foreign(text)
    .map((phrase) => phrase.text)
    .join("");
}
