import type { CountedName, TextName, Translation } from "./catalogue.ts";
import { en } from "./en.ts";
import type { Phrase } from "./phrase.ts";

/** Languages besides English: most readers need one, so each is fetched when it is wanted first. */
const others: Readonly<Record<string, () => Promise<Translation>>> = {
  de: async () => (await import("./german.ts")).german,
};

/** What fills a text's `{places}`. */
export type Values = Readonly<Record<string, string | number>>;

/** Texts, numbers and times in one language, in the browser's time zone. */
export interface Language {
  /** The catalogue's language, for `lang`. */
  readonly tag: string;
  text(name: TextName, values?: Values): string;
  /** A text that goes by a number, which fills `{count}`. */
  counted(name: CountedName, count: number, values?: Values): string;
  /** What the API says, which speaks English: in this language as far as it is known. */
  foreign(text: string): readonly Phrase[];
  number(value: number): string;
  /** E.g. `12.4k`: for where space is short. */
  short(value: number): string;
  /** `digits` fraction digits at most; a share below 1 is never rounded up to 100 %. */
  share(value: number, digits?: number): string;
  bytes(value: number): string;
  /** The two largest units, e.g. `1 hr 12 min`; of minutes no seconds. */
  duration(ms: number): string;
  /** E.g. `12 minutes ago`. */
  relative(at: number, now: number): string;
  /** Date and time to the second, with the time zone. */
  absolute(at: number): string;
  /** To the minute, or the second: the day is left out where it is today. */
  clock(at: number, now: number, seconds?: boolean): string;
}

const english: Translation = { texts: en, translate: (text) => [{ text }] };
const loaded = new Map<string, Translation>([["en", english]]);
const coming = new Map<string, Promise<void>>();
const languages = new Map<string, Language>();

/**
 * Fetches the texts that a locale needs; undefined where they are there. Texts that cannot be had are no reason to show
 * nothing: then the language is English, also for those who ask later.
 */
export function loadLanguage(locale: string): Promise<void> | undefined {
  const stem = stemOf(canonical(locale));
  const load = loaded.has(stem) || !Object.hasOwn(others, stem) ? undefined : others[stem];
  if (load === undefined) return undefined;
  const known = coming.get(stem);
  if (known !== undefined) return known;
  const fetched = load().then(
    // An older file, out of some cache, may lack the newest texts.
    ({ texts, translate }) => void loaded.set(stem, { texts: { ...en, ...texts }, translate }),
    () => void loaded.set(stem, english),
  );
  coming.set(stem, fetched);
  return fetched;
}

/**
 * The language for a locale such as `de-AT`: its texts where there are some and they have been loaded, else English;
 * numbers and dates as the locale has them.
 */
export function languageOf(locale: string): Language {
  const known = languages.get(locale);
  if (known) return known;
  const language = makeLanguage(locale);
  const stem = stemOf(canonical(locale));
  // Where its texts are yet to come, English stands in for them, which must not last.
  if (loaded.has(stem) || !Object.hasOwn(others, stem)) languages.set(locale, language);
  return language;
}

/** The locale that nothing was said of: the document's, else the browser's. */
export function defaultLocale(): string {
  if (typeof document === "undefined") return "en";
  const { lang } = document.documentElement;
  if (lang === "") return navigator.language;
  // A page in English says nothing of how its reader writes dates: the browser does, if it speaks English too.
  return navigator.languages.find((one) => one.split("-")[0] === lang) ?? lang;
}

function makeLanguage(wanted: string): Language {
  const locale = canonical(wanted);
  const stem = stemOf(locale);
  const { texts, translate } = loaded.get(stem) ?? english;
  const tag = texts === en ? "en" : stem;
  // Dates of a language whose texts are not there would stand among English words.
  const formats = stem === tag ? locale : "en";
  const plural = new Intl.PluralRules(formats);
  const number = new Intl.NumberFormat(formats);
  const short = new Intl.NumberFormat(formats, { notation: "compact", maximumFractionDigits: 1 });
  const relative = new Intl.RelativeTimeFormat(formats, { numeric: "auto" });
  const absolute = new Intl.DateTimeFormat(formats, { dateStyle: "medium", timeStyle: "long" });
  const time = new Intl.DateTimeFormat(formats, { timeStyle: "short" });
  const dayAndTime = new Intl.DateTimeFormat(formats, { dateStyle: "medium", timeStyle: "short" });
  const second = new Intl.DateTimeFormat(formats, { timeStyle: "medium" });
  const dayAndSecond = new Intl.DateTimeFormat(formats, { dateStyle: "medium", timeStyle: "medium" });

  const bytes = new Intl.NumberFormat(formats, { style: "unit", unit: "byte", unitDisplay: "long" });

  const text = (name: TextName, values?: Values): string => filled(texts[name], values);
  const unit = (value: number, name: string, digits = 0): string =>
    new Intl.NumberFormat(formats, {
      style: "unit",
      unit: name,
      unitDisplay: "short",
      maximumFractionDigits: digits,
    }).format(value);

  return {
    tag,
    text,
    counted(name, count, values) {
      const form = plural.select(count) === "one" ? "one" : "other";
      return text(`${name}_${form}` as TextName, { count: number.format(count), ...values });
    },
    foreign: translate,
    number: (value) => number.format(value),
    short: (value) => (value < 10_000 ? number.format(value) : short.format(value)),
    share(value, digits = 2) {
      const factor = 10 ** (digits + 2);
      const shown = value < 1 ? Math.min(Math.floor(value * factor + 1e-9), factor - 1) / factor : value;
      return new Intl.NumberFormat(formats, { style: "percent", maximumFractionDigits: digits }).format(shown);
    },
    bytes(value) {
      const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
      const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
      // The short form of "byte" knows no plural.
      if (power === 0) return bytes.format(value);
      return unit(value / 1000 ** power, units[power] ?? "byte", 1);
    },
    duration(ms) {
      if (ms < 1000) return unit(Math.max(0, Math.round(ms)), "millisecond");
      const units = [
        ["day", 86_400_000],
        ["hour", 3_600_000],
        ["minute", 60_000],
        ["second", 1000],
      ] as const;
      const first = units.findIndex(([, size]) => ms >= size);
      const parts: string[] = [];
      let rest = ms;
      const count = ms >= 120_000 && ms < 3_600_000 ? 1 : 2;
      for (const [name, size] of units.slice(first, first + count)) {
        const value = Math.floor(rest / size);
        rest -= value * size;
        if (value > 0) parts.push(unit(value, name));
      }
      return parts.join(" ");
    },
    relative(at, now) {
      const seconds = Math.round((at - now) / 1000);
      const size = Math.abs(seconds);
      if (size < 60) return relative.format(size < 5 ? 0 : seconds, "second");
      if (size < 3600) return relative.format(Math.trunc(seconds / 60), "minute");
      if (size < 86_400) return relative.format(Math.trunc(seconds / 3600), "hour");
      return relative.format(Math.trunc(seconds / 86_400), "day");
    },
    absolute: (at) => absolute.format(at),
    clock(at, now, seconds = false) {
      const today = new Date(at).toDateString() === new Date(now).toDateString();
      if (seconds) return today ? second.format(at) : dayAndSecond.format(at);
      return today ? time.format(at) : dayAndTime.format(at);
    },
  };
}

function stemOf(locale: string): string {
  return locale.split("-")[0] ?? "en";
}

function canonical(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? "en";
  } catch {
    return "en";
  }
}

function filled(template: string, values: Values | undefined): string {
  if (values === undefined) return template;
  return template.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    return value === undefined ? place : String(value);
  });
}
