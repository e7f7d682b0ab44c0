import { afterAll, beforeAll, expect, test } from "vitest";
import { openStudio, type Studio } from "./browser.ts";
import { expectGoodLooks } from "./looks.ts";

let studio: Studio;
beforeAll(async () => {
  studio = await openStudio();
});
afterAll(() => studio.close());

test("every component in every state can be used by everybody: phone", { timeout: 480_000 }, async () => {
  expect.hasAssertions();
  await expectGoodLooks(studio, { name: "phone", width: 360, height: 740 });
});
