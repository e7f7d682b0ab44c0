import { afterAll, beforeAll, expect, test } from "vitest";
import { openStudio, type Studio } from "../testing/browser.ts";
import { fakeState } from "../testing/fake-api.ts";
import { fakeStream } from "../testing/fake-data.ts";

let studio: Studio;
beforeAll(async () => {
  studio = await openStudio();
});
afterAll(() => studio.close());

test("the form speaks German, choices keep their values, and an invented guide is marked as English", async () => {
  const { page, complaints } = await studio.open({ element: "headgate-connect", attributes: { locale: "de" } });
  await page.getByRole("button", { name: "Datadog" }).click();
  await page.getByLabel("API-Schlüssel", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Anzeigen: API-Schlüssel" }).waitFor();
  expect(await page.getByText("Was in der Adresszeile Ihres Browsers").count()).toBe(1);
  expect(await page.getByLabel("Site").locator("option").allTextContents()).toContain("datadoghq.eu");
  // The guide is beside the fields, in the same form.
  expect(await page.locator('form .field [lang="en"]').count()).toBe(0);
  const step = page.getByText("In Splunk Web, open Settings");
  await step.waitFor();
  expect(await step.getAttribute("lang")).toBe("en");
  expect(complaints).toEqual([]);
});

test("a reason is told in German, another's words in it are marked as English", async () => {
  const state = fakeState();
  const stream = fakeStream("acme-s3", "blocked");
  const message = 'S3 does not allow the write (bucket "acme" at s3.example.com). AWS says: User: x is not authorized.';
  const last_error = { code: "access_denied", message, hint: "Shorten the stream's prefix." };
  state.streams = [{ ...stream, health: { ...stream.health, last_error } }];
  const { page } = await studio.open({
    element: "headgate-stream",
    attributes: { stream: "acme-s3", locale: "de" },
    state,
  });
  const reason = page.getByText("S3 erlaubt das Schreiben nicht (Bucket „acme“ auf s3.example.com). AWS sagt:");
  await reason.waitFor();
  expect(await reason.locator('[lang="en"]').textContent()).toBe("User: x is not authorized.");
  await page.getByText("Kürzen Sie das Präfix des Streams.").waitFor();
});

test("in English nothing is marked", async () => {
  const { page } = await studio.open({ element: "headgate-connect", attributes: { locale: "en" } });
  await page.getByRole("button", { name: "Amazon S3" }).click();
  await page.getByText("Choose a bucket").waitFor();
  expect(await page.locator('span[lang="en"]').count()).toBe(0);
});
