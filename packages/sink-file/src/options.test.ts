import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FileSinkOptions } from "./options.ts";
import { checkOptions } from "./options.ts";
import { fileSinkSchema } from "./schema.ts";

/** Options as a caller without types may write them. */
const loose = (options: object): FileSinkOptions => options as FileSinkOptions;
const prefixPattern = (fileSinkSchema["properties"] as Record<string, { readonly pattern: string }>)["prefix"]?.pattern;

function accepts(options: object, platform: NodeJS.Platform = "linux"): boolean {
  try {
    checkOptions(loose(options), platform);
    return true;
  } catch {
    return false;
  }
}

describe("checkOptions", () => {
  it.each([
    { directory: "./out" },
    { directory: "/var/audit", prefix: "acme/", layout: "basic", compression: "gzip", level: 0 },
    { directory: "out", prefix: "acme/part-", compression: "zstd", level: 22 },
  ])("accepts %j", (options) => {
    expect(checkOptions(loose(options))).toEqual(options);
  });

  it.each([
    [{}, /directory must be the path of a folder/],
    [{ directory: "" }, /directory must be/],
    [{ directory: "out", bucket: "b" }, /bucket is no option/],
    [{ directory: "out", prefix: "../elsewhere/" }, /prefix leads out of the directory/],
    [{ directory: "out", prefix: "a/../../b" }, /prefix leads out/],
    [{ directory: "out", prefix: "/etc/" }, /prefix begins with a slash/],
    [{ directory: "out", prefix: "a//b" }, /two in a row/],
    [{ directory: "out", prefix: "a\\..\\b" }, /backslash/],
    [{ directory: "out", prefix: "a\0b" }, /control character/],
    [{ directory: "out", prefix: "_digests/" }, /readers skip/],
    [{ directory: "out", prefix: "a/.hidden" }, /readers skip/],
    [{ directory: "out", prefix: 7 }, /prefix must be text/],
    [{ directory: "out", layout: "hive" }, /layout must be one of iso, basic/],
    [{ directory: "out", compression: "toString" }, /compression must be one of/],
    [{ directory: "out", level: 3 }, /compression is none/],
    [{ directory: "out", compression: "gzip", level: 10 }, /from 0 to 9 for gzip/],
    [{ directory: "out", compression: "zstd", level: 1.5 }, /from 1 to 22 for zstd/],
  ])("refuses %j", (options, says) => {
    expect(() => checkOptions(loose(options), "linux")).toThrow(
      expect.objectContaining({ code: "sink_options_invalid", message: expect.stringMatching(says) as string }),
    );
  });

  it("names every problem at once", () => {
    expect(() => checkOptions(loose({ prefix: "..", layout: "x" }))).toThrow(/directory.*prefix.*layout/);
  });

  it("asks for names without colons on Windows", () => {
    expect(() => checkOptions({ directory: "out" }, "win32")).toThrow(/use layout basic/);
    expect(accepts({ directory: "out", layout: "basic" }, "win32")).toBe(true);
  });

  it("agrees with the schema on every prefix", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "/", ".", "_", "\\", "é", "\n", "-"), maxLength: 8 });
    const property = fc.property(text, (prefix) => {
      expect(new RegExp(prefixPattern ?? "", "u").test(prefix)).toBe(accepts({ directory: "out", prefix }));
    });
    fc.assert(property, { numRuns: 2000 });
  });
});
