import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const packages = join(import.meta.dirname, "../packages");

/** Kinds of plug-in, and the kit that each one of them must pass. */
const kinds = [
  { plugins: "sink-*", kit: "sink-testkit", call: "sinkConformance" },
  { plugins: "store-*", kit: "store-testkit", call: "storeConformance" },
];

function callsKit(name: string, kit: string, call: string): boolean {
  const tests = globSync("src/**/*.test.ts", { cwd: join(packages, name) });
  const called = new RegExp(`^(?!\\s*(?://|/?\\*)).*\\b${call}\\(`, "m");
  return tests.some((test) => {
    const source = readFileSync(join(packages, name, test), "utf8");
    return source.includes(`from "@headgate/${kit}"`) && called.test(source);
  });
}

describe.each(kinds)("every package $plugins", ({ plugins, kit, call }) => {
  const names = globSync(plugins, { cwd: packages }).filter((name) => name !== kit);

  it("exists at all", () => expect(names).not.toEqual([]));

  it.each(names)(`%s calls ${call}`, (name) => {
    expect(callsKit(name, kit, call), `No test of packages/${name} calls ${call} of @headgate/${kit}.`).toBe(true);
  });
});
