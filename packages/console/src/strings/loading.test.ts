import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStudio, type Studio } from "../testing/browser.ts";

let studio: Studio;
beforeAll(async () => {
  studio = await openStudio();
});
afterAll(() => studio.close());

/** Puts a list on the page, and keeps every text that it has shown. */
const show = (page: Page, locale: string): Promise<void> =>
  page.evaluate((given) => {
    const shown: string[] = [];
    Object.assign(globalThis, { shown });
    const one = document.createElement("headgate-streams");
    one.setAttribute("locale", given);
    document.querySelector("#place")?.append(one);
    const note = (): void => void shown.push(one.shadowRoot?.textContent ?? "");
    note();
    if (one.shadowRoot) new MutationObserver(note).observe(one.shadowRoot, { childList: true, subtree: true });
  }, locale);

test("who reads German never sees English first, however late the texts come", async () => {
  const { page, complaints } = await studio.open({});
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  await page.route("**/german.js", async (route) => {
    asked.resolve();
    await gate.promise;
    await route.continue();
  });
  await show(page, "de-AT");
  await asked.promise;
  gate.resolve();
  await page.getByText("Zuletzt gestreamt").first().waitFor();
  const shown = await page.evaluate<readonly string[]>("shown");
  expect(shown.filter((text) => /Loading|Streams that|Last streamed/.test(text))).toEqual([]);
  expect(shown.some((text) => text.includes("Wird geladen"))).toBe(true);
  expect(complaints).toEqual([]);
});

test("who reads English fetches no other language", async () => {
  const { page } = await studio.open({});
  const scripts: string[] = [];
  page.on("request", (request) => scripts.push(new URL(request.url()).pathname));
  await show(page, "en-GB");
  await page.getByText("Last streamed").first().waitFor();
  expect(scripts.filter((path) => path.endsWith(".js"))).toEqual([]);
});

test("where the German texts are not to be had, it speaks English and works", async () => {
  const { page } = await studio.open({});
  await page.route("**/german.js", (route) => route.abort());
  await show(page, "de");
  await page.getByText("Last streamed").first().waitFor();
  await page.getByRole("button", { name: "Connect a stream" }).waitFor();
  expect(await page.locator("headgate-streams [lang]").first().getAttribute("lang")).toBe("en");
});
