/** A piece of a text, with its language where that is not the reader's. */
export interface Phrase {
  readonly text: string;
  readonly lang?: "en";
}

/** A text without a mark for its languages, for where there is no place for one. */
export function plain(phrases: readonly Phrase[]): string {
  return phrases.map(({ text }) => text).join("");
}
