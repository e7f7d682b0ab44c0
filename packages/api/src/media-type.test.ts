import { describe, expect, it } from "vitest";
import { isJson, mediaType } from "./media-type.ts";

describe("a content type", () => {
  it.each([
    ["application/json", true],
    ["Application/JSON", true],
    [" application/json ; charset=utf-8", true],
    ['application/json; charset="UTF-8"', true],
    ["application/json;", true],
    ["application/cloudevents+json; charset = utf-8", true],
    ["application/json; charset=latin1", false],
    ["application/json; boundary=x", false],
    ["application/json, text/plain", false],
    ["text/json", false],
    ["application/+json", false],
    ["", false],
    [null, false],
  ])("%j is JSON: %s", (header, json) => {
    expect(isJson(header)).toBe(json);
  });

  it("is read at a glance, however long it is", () => {
    // Quadratic, 200,000 blanks would take minutes: the test would never end.
    const blanks = " ".repeat(200_000);
    for (const header of [`application/json${blanks}x`, `application/json;${blanks}charset${blanks}=x`, `${blanks}x`])
      expect(isJson(header)).toBe(false);
    expect(mediaType(`application/x-ndjson${blanks}`)).toBe("application/x-ndjson");
  });
});
