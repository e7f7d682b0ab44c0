import fc from "fast-check";
import { expect, test } from "vitest";
import { deForeign } from "./de-foreign.ts";
import { plain } from "./phrase.ts";
import { translator } from "./translator.ts";
import { languageOf, loadLanguage } from "./language.ts";
import { germanOf } from "./untranslated.fixture.ts";

await loadLanguage("de");
const german = languageOf("de-AT");

test("English stays as it is, and is not marked", () => {
  expect(languageOf("en-GB").foreign("Verify")).toEqual([{ text: "Verify" }]);
  expect(languageOf("fr").foreign("Verify")).toEqual([{ text: "Verify" }]);
});

test("what is not known stays English, sentence by sentence, and is marked", () => {
  expect(german.foreign("Never heard of.")).toEqual([{ text: "Never heard of.", lang: "en" }]);
  expect(german.foreign("Never heard of. It is tried again.")).toEqual([
    { text: "Never heard of. ", lang: "en" },
    { text: "Es wird erneut versucht." },
  ]);
  expect(german.foreign("")).toEqual([]);
});

test("another's words stay English within a German sentence", () => {
  expect(
    german.foreign(
      'S3 does not allow the write (bucket "acme" at acme.s3.amazonaws.com). AWS says: User: arn:aws:iam::1:x is not authorized. Go away.',
    ),
  ).toEqual([
    { text: "S3 erlaubt das Schreiben nicht (Bucket „acme“ auf acme.s3.amazonaws.com). AWS sagt: " },
    { text: "User: arn:aws:iam::1:x is not authorized. Go away.", lang: "en" },
  ]);
});

const samples: readonly (readonly [english: string, german: string])[] = [
  [
    'assume role: STS does not let the platform assume the role (bucket "b" at h).',
    "Rolle annehmen: STS lässt die Plattform die Rolle nicht annehmen (Bucket „b“ auf h).",
  ],
  ["token of hec.acme.example:8088", "Token, hec.acme.example:8088"],
  [
    'Not tried, because the step "address" before it failed.',
    "Nicht versucht, weil der Schritt „Adresse“ davor fehlschlug.",
  ],
  [
    'S3 refuses the settings of the stream (InvalidTag, bucket "b" at h).',
    "S3 lehnt die Einstellungen des Streams ab (InvalidTag, Bucket „b“ auf h).",
  ],
  [
    'S3 answered HTTP 418, which is not provided for (418, bucket "b" at h).',
    "S3 antwortete mit HTTP 418, was nicht vorgesehen ist (418, Bucket „b“ auf h).",
  ],
  [
    'S3 has the object "a/b" with another encryption than was asked for, and denies writing over it (bucket "b").',
    "S3 hat das Objekt „a/b“ mit einer anderen Verschlüsselung als verlangt und verweigert, es zu überschreiben (Bucket „b“).",
  ],
  [
    "The role may also list the bucket and read objects and delete objects. Deleting was not tried, for Object Lock.",
    "Die Rolle darf außerdem den Bucket auflisten und Objekte lesen und Objekte löschen. Löschen wurde nicht versucht, wegen Object Lock.",
  ],
  [
    "Events have waited for 45 minutes: in 15 minutes the hour is broken.",
    "Ereignisse warten seit 45 Minuten: In 15 Minuten ist die Stunde nicht mehr einzuhalten.",
  ],
  [
    "In 2 h 5 min the oldest waiting events are too old for the destination to take.",
    "In 2 h 5 min sind die ältesten wartenden Ereignisse so alt, dass das Ziel sie nicht mehr nimmt.",
  ],
  [
    "Nothing reaches the destination: Datadog cannot be reached, or the connection broke (ECONNREFUSED).",
    "Nichts erreicht das Ziel: Datadog ist nicht erreichbar, oder die Verbindung brach ab (ECONNREFUSED).",
  ],
  [
    "3 events were refused within the last hour and set apart; 12 in all. The others go on.",
    "3 Ereignisse wurden in der letzten Stunde abgelehnt und zurückgehalten; 12 insgesamt. Die anderen gehen weiter.",
  ],
  [
    'The S3 options are wrong: bucket "a..b" is no bucket name (3 to 63 of a-z, 0-9, "." and "-"); encryption.bucket_key needs mode sse-kms.',
    "Die Einstellungen für S3 stimmen nicht: bucket „a..b“ ist kein Bucket-Name (3 bis 63 aus a-z, 0-9, „.“ und „-“); encryption.bucket_key braucht den Modus sse-kms.",
  ],
  [
    'The options have a mistake: $.options lacks "bucket".',
    "Die Einstellungen haben einen Fehler: $.options fehlt: „bucket“.",
  ],
];

test.each(samples)("%s", (english, expected) => {
  expect(german.foreign(english)).toEqual([{ text: expected }]);
});

test("one text is not mistaken for another that it looks like", () => {
  const translate = translator({
    "{} is late.": "{1} kommt zu spät.",
    "{#} left": "{1} übrig",
    "…late": "spät",
    "It is {=}": "Es ist {1}",
  });
  expect(translate("Bob is late.")).toEqual([{ text: "Bob kommt zu spät." }]);
  expect(translate("many left")).toEqual([{ text: "many left", lang: "en" }]);
  expect(translate("late")).toEqual([{ text: "late", lang: "en" }]);
  expect(translate("It is late")).toEqual([{ text: "Es ist spät" }]);
  expect(translate("It is early")).toEqual([{ text: "It is early", lang: "en" }]);
  // A name ends before a sentence does.
  expect(translate("Wait. Bob is late.")).toEqual([{ text: "Wait. ", lang: "en" }, { text: "Bob kommt zu spät." }]);
});

const places = /\{([#=*]?)\}/g;
const numbered = /\{(\d+)\}/g;

test("each translation has every place of its text once", () => {
  for (const [english, translated] of Object.entries(deForeign)) {
    const wanted = [...english.matchAll(places)].map((_, i) => String(i + 1));
    const found = [...translated.matchAll(numbered)]
      .map(([, number]) => number ?? "")
      .toSorted((a, b) => a.localeCompare(b));
    expect({ english, found }).toEqual({ english, found: wanted });
    expect(translated.trim()).toBe(translated);
  }
});

test("what stands in a place is never lost, and no translation is filled twice", () => {
  const patterns = Object.keys(deForeign).filter((english) => /\{[#*]?\}/.test(english) && !english.startsWith("…"));
  const name = fc.stringMatching(/^[A-Za-z0-9:/@<>{}-]{3,30}$/);
  fc.assert(
    fc.property(fc.constantFrom(...patterns), fc.array(name, { minLength: 6, maxLength: 6 }), (pattern, names) => {
      const given: string[] = [];
      const text = pattern.replaceAll(places, (_, kind: string) => {
        const value =
          kind === "#" ? String(given.length + 41) : kind === "=" ? "verification" : (names[given.length] ?? "x");
        given.push(value);
        return value;
      });
      const result = germanOf(text);
      expect(given.filter((value) => value !== "verification" && !result.includes(value))).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});

test("every text comes out whole, whatever it is", () => {
  const translate = translator({});
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(plain(translate(text))).toBe(text);
    }),
  );
  const sentence = fc.constantFrom("A b. ", "c; ", "d! E. ", "It is tried again. ");
  fc.assert(
    fc.property(fc.array(sentence), (all) => {
      const text = all.join("");
      expect(germanOf(text)).toBe(text.replaceAll("It is tried again.", "Es wird erneut versucht."));
    }),
  );
});

test("a long text of a stranger's takes no time", () => {
  const began = performance.now();
  germanOf(`${"It trusts a, and b. ".repeat(500)}x`);
  germanOf("verification: ".repeat(2000));
  germanOf(`The role may also ${"list the bucket and ".repeat(1000)}x.`);
  expect(performance.now() - began).toBeLessThan(2000);
});
