import { afterAll, beforeAll, expect, test } from "vitest";
import { openStudio, type Studio } from "./browser.ts";
import { expectGoodLooks } from "./looks.ts";

let studio: Studio;
beforeAll(async () => {
  studio = await openStudio();
});
afterAll(() => studio.close());

test("every component in every state can be used by everybody: desktop", { timeout: 480_000 }, async () => {
  expect.hasAssertions();
  await expectGoodLooks(studio, { name: "desktop", width: 1280, height: 900 });
});
