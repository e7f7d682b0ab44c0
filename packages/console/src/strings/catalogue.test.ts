import { expect, test } from "vitest";
import { de } from "./de.ts";
import { en } from "./en.ts";

const places = (text: string): readonly string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "").sort();

test("both languages have the same texts with the same places to fill", () => {
  const names = Object.keys(en) as (keyof typeof en)[];
  expect(Object.keys(de).sort()).toEqual(names.toSorted());
  for (const name of names) {
    expect({ name, places: places(de[name]) }).toEqual({ name, places: places(en[name]) });
    expect(de[name].trim()).toBe(de[name]);
    expect(de[name]).not.toBe("");
  }
});

test("every counted text has both forms", () => {
  for (const name of Object.keys(en)) {
    const stem = name.replace(/_(one|other)$/, "");
    // `sink_other` and `quarantine_retry_one` are no forms of a number.
    if (stem === name || !en[name as keyof typeof en].includes("{count}")) continue;
    expect(Object.keys(en)).toEqual(expect.arrayContaining([`${stem}_one`, `${stem}_other`]));
  }
});
