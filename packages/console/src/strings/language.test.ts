import fc from "fast-check";
import { expect, test } from "vitest";
import { languageOf, loadLanguage } from "./language.ts";

const english = languageOf("en-GB");

test("a share below one is never shown as all", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (share) => {
      expect(english.share(share)).not.toBe("100%");
      expect(english.share(share, 0)).not.toBe("100%");
    }),
  );
  expect(english.share(1)).toBe("100%");
  expect(english.share(0.99963)).toBe("99.96%");
  expect(english.share(0.9999999)).toBe("99.99%");
});

test("durations say what matters", () => {
  expect(english.duration(84)).toBe("84 ms");
  expect(english.duration(90_000)).toBe("1 min 30 secs");
  expect(english.duration(50 * 60_000 + 1000)).toBe("50 mins");
  expect(english.duration(76 * 60_000)).toBe("1 hr 16 mins");
  expect(english.duration(25 * 3_600_000)).toBe("1 day 1 hr");
});

test("sizes are told in the unit that fits", () => {
  expect(english.bytes(0)).toBe("0 bytes");
  expect(english.bytes(8340)).toBe("8.3 kB");
  expect(english.bytes(6_812_440)).toBe("6.8 MB");
});

test("texts, numbers and plurals follow the language, and unknown ones fall back to English", async () => {
  expect(languageOf("de-AT").tag).toBe("en");
  // Both ask at once, and get the same.
  await Promise.all([loadLanguage("de-AT"), loadLanguage("de")]);
  expect([loadLanguage("de"), loadLanguage("en-GB"), loadLanguage("tlh"), loadLanguage("constructor")]).toEqual(
    Array.from({ length: 4 }),
  );
  const german = languageOf("de-AT");
  expect(german.tag).toBe("de");
  expect(german.counted("events", 1)).toBe("1 Ereignis");
  expect(german.text("since", { time: "12:00" })).toBe("seit 12:00");
  expect(languageOf("tlh").text("retry")).toBe("Try again");
  expect(languageOf("no such locale!").tag).toBe("en");
  expect(english.counted("events", 12_000)).toBe("12,000 events");
});

test("a value that holds a place is not filled again", () => {
  expect(english.text("banner_blocked", { name: "{since}", since: "12:00" })).toBe(
    "{since} has been blocked since 12:00.",
  );
});
