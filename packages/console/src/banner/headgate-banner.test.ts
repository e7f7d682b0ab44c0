import { afterAll, beforeAll, expect, test } from "vitest";
import { openStudio, patience, type Studio } from "../testing/browser.ts";
import { fakeState, push } from "../testing/fake-api.ts";
import { fakeStream } from "../testing/fake-data.ts";

let studio: Studio;
beforeAll(async () => {
  studio = await openStudio();
});
afterAll(() => studio.close());

const element = "headgate-banner";

test("nothing is shown while all is well, then since when and the last event, then nothing again", async () => {
  const state = fakeState();
  state.streams = [fakeStream("acme-s3", "active", { name: "Security lake" })];
  state.alerts = [];
  const { page, complaints } = await studio.open({ element, state });
  await expect.poll(() => state.listeners.size, patience).toBe(1);
  expect(await page.getByRole("region").count()).toBe(0);
  push(state, "streams", { streams: [fakeStream("acme-s3", "disconnected", { name: "Security lake" })] });
  const region = page.getByRole("region", { name: "Streams that need attention" });
  await region.waitFor();
  expect(await region.innerText()).toMatch(
    /Security lake has been disconnected since .+\.\s+Last streamed event: .+ago/,
  );
  expect(await page.getByRole("alert").textContent()).toMatch(/Security lake has been disconnected/);
  await page.getByRole("button", { name: "Open Security lake" }).click();
  expect(await page.evaluate("heard")).toEqual([["open", { stream: "acme-s3", organization: "acme" }]]);
  push(state, "streams", { streams: [fakeStream("acme-s3", "active", { name: "Security lake" })] });
  await expect.poll(() => region.count(), patience).toBe(0);
  expect(complaints).toEqual([]);
});

test("alerts tell of streams that the first message had no room for", async () => {
  const state = fakeState();
  state.streams = [];
  const { page } = await studio.open({ element, state });
  await page
    .getByText(/Splunk Enterprise, Frankfurt has been disconnected since/)
    .first()
    .waitFor();
  expect(await page.getByRole("button").count()).toBe(1);
});

test("many streams in trouble do not fill the page", async () => {
  const state = fakeState();
  state.alerts = [];
  state.streams = Array.from({ length: 9 }, (_, i) => fakeStream(`s-${i}`, "blocked"));
  const { page } = await studio.open({ element, state });
  await page.getByText("6 more streams need attention.").waitFor();
  expect(await page.getByRole("button").count()).toBe(3);
});

test("with the stream attribute only that stream's trouble is told", async () => {
  const { page } = await studio.open({ element, attributes: { stream: "acme-archive" } });
  await page.getByRole("button", { name: "Open Archive account" }).waitFor();
  expect(await page.getByRole("button").count()).toBe(1);
});
