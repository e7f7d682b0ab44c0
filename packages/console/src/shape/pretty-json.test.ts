import fc from "fast-check";
import { expect, test } from "vitest";
import { prettyJson } from "./pretty-json.ts";

test("JSON over several lines is what JSON's own writer makes of it", () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
      expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
    }),
  );
});

test("numbers keep their digits, members that stand twice stay, and what is no JSON stays as it is", () => {
  expect(prettyJson('{"a":12345678901234567890.10,"a":1e400}')).toBe(
    '{\n  "a": 12345678901234567890.10,\n  "a": 1e400\n}',
  );
  const cef = "CEF:0|Headgate|Headgate|1|a|a|3|cs4=[{}]";
  expect(prettyJson(cef)).toBe(cef);
});
