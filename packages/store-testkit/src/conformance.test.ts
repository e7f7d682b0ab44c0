import { memoryStore } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { storeChecks, storeConformance } from "./conformance.ts";
import type { StoreHarness, Waiver } from "./harness.ts";

/** Registers the kit with these waivers, and runs the tests whose names contain `name`. */
async function outcomes(name: string, waivers: readonly Waiver[], harness: StoreHarness): Promise<readonly string[]> {
  const tests: { readonly name: string; readonly body: () => Promise<void> }[] = [];
  storeConformance({ test: (title, body) => tests.push({ name: title, body }), harness, waivers });
  const found: string[] = [];
  for (const { body } of tests.filter((test) => test.name.includes(name))) {
    found.push(
      await body().then(
        () => "passes",
        () => "fails",
      ),
    );
  }
  return found;
}

const sound: StoreHarness = { open: async () => memoryStore() };
const unpaged: StoreHarness = {
  async open() {
    const store = memoryStore();
    return { ...store, streams: { ...store.streams, list: () => store.streams.list() } };
  },
};

describe("storeConformance", () => {
  const check = "streams: are listed by id, in pages, of all organizations or one";
  const waiver = { check, reason: "pages come later" };

  it("lets a waived check fail, and only that one", async () => {
    expect(await outcomes(check, [], unpaged)).toEqual(["fails"]);
    expect(await outcomes(check, [waiver], unpaged)).toEqual(["passes"]);
  });

  it("fails on a waiver that is not needed, or that names nothing", async () => {
    expect(await outcomes(check, [waiver], sound)).toEqual(["fails"]);
    expect(await outcomes("no such check", [{ check: "no such check", reason: "a typing mistake" }], sound)).toEqual([
      "fails",
    ]);
    const reopening = "lifetimes: everything is there after a reopening";
    expect(await outcomes(reopening, [{ check: reopening, reason: "cannot be run" }], sound)).toEqual(["fails"]);
  });

  it("names every check once", () => {
    expect(new Set(storeChecks.map(({ name }) => name)).size).toBe(storeChecks.length);
  });
});
