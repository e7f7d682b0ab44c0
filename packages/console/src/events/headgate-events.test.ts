import { readFile } from "node:fs/promises";
import type { Download } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStudio, patience, type Studio } from "../testing/browser.ts";
import { fakeState } from "../testing/fake-api.ts";

let studio: Studio;
beforeAll(async () => {
  studio = await openStudio();
});
afterAll(() => studio.close());

const element = "headgate-events";
const text = async (file: Download): Promise<string> => readFile(await file.path(), "utf8");

test("events are searched by all conditions, come in pages, and are looked at", async () => {
  const { page, state, complaints } = await studio.open({ element });
  const rows = page.getByRole("listitem");
  await expect.poll(() => rows.count(), patience).toBe(100);
  await page.getByRole("button", { name: "Load more" }).click();
  await expect.poll(() => rows.count(), patience).toBe(200);
  await page.getByLabel("Time").selectOption({ label: "All times" });
  await page.getByLabel("Action").fill("token.*, member.role_changed");
  await page.getByLabel("Actor id").fill("u_1");
  await page.getByLabel("Target id").fill("ctx_1");
  await page.getByLabel("Text").fill("SSO");
  await page.keyboard.press("Enter");
  await expect
    .poll(() => state.requests.at(-1), patience)
    .toBe(
      "GET /v1/organizations/acme/events?action=token.*%2Cmember.role_changed&actor=u_1&target=ctx_1&q=SSO&order=desc&limit=100",
    );
  await expect.poll(() => rows.count(), patience).toBeLessThan(10);
  await rows.first().getByRole("button").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText('"method": "sso"').waitFor();
  // However long an event is, it is read from its beginning.
  await expect.poll(() => dialog.getByRole("heading").evaluate((one) => one.matches(":focus")), patience).toBe(true);
  expect(await dialog.evaluate((one) => one.scrollTop)).toBe(0);
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect.poll(() => dialog.count(), patience).toBe(0);
  expect({ complaints, violations: state.violations }).toEqual({ complaints: [], violations: [] });
});

test("nothing found is said, and conditions are reset", async () => {
  const { page } = await studio.open({ element });
  await page.getByLabel("Text").fill("no such thing");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("No events match.").waitFor();
  await page.getByRole("button", { name: "Reset" }).click();
  await expect.poll(() => page.getByRole("listitem").count(), patience).toBe(100);
});

test("a custom time may not go backwards", async () => {
  const { page, state } = await studio.open({ element });
  await page.getByLabel("Time").selectOption({ label: "From … to …" });
  await page.getByLabel("From", { exact: true }).fill("2026-11-02T00:00");
  await page.getByLabel("To", { exact: true }).fill("2026-11-01T00:00");
  const asked = state.requests.length;
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("“From” must be before “to”.").waitFor();
  expect(state.requests.length).toBe(asked);
  await page.getByLabel("To", { exact: true }).fill("2026-11-03T00:00");
  await page.getByRole("button", { name: "Search" }).click();
  await expect.poll(() => state.requests.at(-1), patience).toContain("from=2026-11-02T00%3A00%3A00.000Z&to=2026-11-03");
});

test("what was found is exported whole, as CSV and as NDJSON", async () => {
  const { page, state, complaints } = await studio.open({ element });
  await page.getByRole("listitem").first().waitFor();
  let download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export as CSV" }).click();
  const csv = await download;
  expect(csv.suggestedFilename()).toBe("acme-events.csv");
  expect((await text(csv)).trim().split("\r\n").length).toBe(251);
  download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export as NDJSON" }).click();
  const lines = (await text(await download)).trim().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toEqual(
    Array.from({ length: 250 }, (_, i) => i + 1),
  );
  await page.getByText(/Export complete: /).waitFor();
  expect({ complaints, violations: state.violations }).toEqual({ complaints: [], violations: [] });
});

test("an export that breaks off goes on where it stopped: nothing twice, nothing missing", async () => {
  const state = fakeState();
  state.breakExportAfter = 90;
  const gate = Promise.withResolvers<void>();
  state.waits.set("export break", gate.promise);
  const { page } = await studio.open({ element, state });
  await page.getByRole("listitem").first().waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export as NDJSON" }).click();
  await page.getByText(/Exporting: \d.* kB so far/).waitFor();
  gate.resolve();
  const lines = (await text(await download)).trim().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toEqual(
    Array.from({ length: 250 }, (_, i) => i + 1),
  );
  expect(state.requests.filter((one) => one.includes("after_sequence="))).toHaveLength(1);
});

test("a CSV export that breaks off is no file that looks whole", async () => {
  const state = fakeState();
  state.breakExportAfter = 90;
  const { page } = await studio.open({ element, state });
  await page.getByRole("listitem").first().waitFor();
  await page.getByRole("button", { name: "Export as CSV" }).click();
  await page.getByText("The export broke off.").waitFor();
  expect(await page.getByText(/Export complete/).count()).toBe(0);
});
