import type { Phrase } from "./phrase.ts";

/**
 * English texts with their translations. What differs from text to text is a place in the English one, which the
 * translation names by its number, `{1}`:
 * - `{}` a name, which stays as it is; no sentence or clause ends in it.
 * - `{#}` a number.
 * - `{=}` a part that is translated too, or the text does not match. Keys that begin with `…` are for such parts alone.
 * - `{*}` any text: translated as far as it is known, else left in English.
 */
export type ForeignTexts = Readonly<Record<string, string>>;

/** Translates a text, piece by piece. */
export type Translate = (text: string) => readonly Phrase[];

type Kind = "" | "#" | "=" | "*";

interface Pattern {
  /** What stands around the places: one more than those. */
  readonly literals: readonly string[];
  readonly kinds: readonly Kind[];
  readonly translation: string;
}

const place = /\{([#=*]?)\}/;
const placeByNumber = /\{(\d+)\}/;
/** The end of a sentence, or of one mistake in a list of them. */
const boundary = /((?<=[.!?]) |; )/;
const clauseEnd = /[.!?:;] /;
const numeral = /^\d[\d.,]*$/;
const partMark = "…";
/** How much a place says of what stands in it. */
const exactness: Readonly<Record<Kind, number>> = { "=": 2, "#": 1, "*": 1, "": 0 };
/** Longer runs of sentences have no entry. */
const longestRun = 6;
/** Nothing that Headgate says is as long, in characters. */
const longestText = 4000;

/** Reads the texts once, for many translations. */
export function translator(texts: ForeignTexts): Translate {
  const exact = new Map(Object.entries(texts).filter(([text]) => !place.test(text)));
  // The one that says most is meant where several match.
  const patterns = Object.entries(texts)
    .filter(([text]) => place.test(text))
    .map(([text, translation]) => patternOf(text, translation))
    .sort((a, b) => weight(b) - weight(a));

  function whole(text: string): readonly Phrase[] | undefined {
    const known = exact.get(text);
    if (known !== undefined) return [{ text: known }];
    for (const pattern of patterns) {
      const phrases = filled(pattern, text);
      if (phrases !== undefined) return phrases;
    }
    return undefined;
  }

  function part(text: string): readonly Phrase[] | undefined {
    return text === "" ? undefined : (whole(partMark + text) ?? whole(text));
  }

  function filled({ literals, kinds, translation }: Pattern, text: string): readonly Phrase[] | undefined {
    const values = valuesOf(text, literals);
    if (values === undefined) return undefined;
    const phrases: (readonly Phrase[])[] = [];
    for (const [i, value] of values.entries()) {
      const found = fit(value, kinds[i] ?? "");
      if (found === undefined) return undefined;
      phrases.push(found);
    }
    const pieces = translation.split(placeByNumber);
    return joined(pieces.flatMap((piece, i) => (i % 2 === 0 ? [{ text: piece }] : (phrases[Number(piece) - 1] ?? []))));
  }

  function fit(value: string, kind: Kind): readonly Phrase[] | undefined {
    if (kind === "*") return sentences(value, part);
    if (kind === "=") {
      const phrases = part(value);
      return phrases?.every(({ lang }) => lang === undefined) === true ? phrases : undefined;
    }
    const fits = kind === "#" ? numeral.test(value) : !clauseEnd.test(value);
    return fits ? [{ text: value }] : undefined;
  }

  /** The longest runs of sentences that are known, and what is between them as it is. */
  function sentences(text: string, known: typeof whole): readonly Phrase[] {
    const pieces = text.split(boundary);
    const phrases: Phrase[] = [];
    for (let from = 0; from < pieces.length;) {
      let to = Math.min(pieces.length, from + 2 * longestRun - 1);
      let found: readonly Phrase[] | undefined;
      for (; to > from; to -= 2) {
        found = known(pieces.slice(from, to).join(""));
        if (found !== undefined) break;
      }
      const end = Math.max(to, from + 1);
      phrases.push(...(found ?? [{ text: pieces[from] ?? "", lang: "en" }]), { text: pieces[end] ?? "" });
      from = end + 1;
    }
    return joined(phrases);
  }

  return (text) => (text.length > longestText ? [{ text, lang: "en" }] : (whole(text) ?? sentences(text, whole)));
}

function patternOf(text: string, translation: string): Pattern {
  const pieces = text.split(new RegExp(place, "g"));
  return {
    literals: pieces.filter((_, i) => i % 2 === 0),
    kinds: pieces.filter((_, i) => i % 2 === 1) as Kind[],
    translation,
  };
}

function weight({ literals, kinds }: Pattern): number {
  return literals.join("").length * 10 + kinds.reduce((sum, kind) => sum + exactness[kind], 0);
}

/**
 * What stands in the places, each as short as can be; undefined where the text is another one. Steps from literal to
 * literal and never back: texts of strangers cost no more than their length.
 */
function valuesOf(text: string, literals: readonly string[]): readonly string[] | undefined {
  const first = literals[0] ?? "";
  const last = literals.at(-1) ?? "";
  if (!text.startsWith(first) || !text.endsWith(last)) return undefined;
  if (first === "" && text.startsWith(partMark)) return undefined;
  const values: string[] = [];
  let at = first.length;
  for (const literal of literals.slice(1, -1)) {
    const found = text.indexOf(literal, at);
    if (found < 0) return undefined;
    values.push(text.slice(at, found));
    at = found + literal.length;
  }
  const end = text.length - last.length;
  return end < at ? undefined : [...values, text.slice(at, end)];
}

/** Neighbours of one language as one, and nothing that is empty. */
function joined(phrases: readonly Phrase[]): readonly Phrase[] {
  const together: Phrase[] = [];
  for (const phrase of phrases) {
    const before = together.at(-1);
    if (phrase.text === "") continue;
    // A blank between two pieces is of any language.
    if (before && (before.lang === phrase.lang || phrase.text === " "))
      together[together.length - 1] = { ...before, text: before.text + phrase.text };
    else together.push(phrase);
  }
  return together;
}
