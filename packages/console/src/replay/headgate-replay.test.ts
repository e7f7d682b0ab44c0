import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStudio, patience, type Studio } from "../testing/browser.ts";
import { fakeState, type FakeState } from "../testing/fake-api.ts";
import { fakeStream } from "../testing/fake-data.ts";

let studio: Studio;
beforeAll(async () => {
  studio = await openStudio();
});
afterAll(() => studio.close());

const path = "/v1/organizations/acme/streams/acme-s3/replay";

async function openReplay(state: FakeState, locale = "en"): Promise<{ page: Page; complaints: readonly string[] }> {
  const attributes = { stream: "acme-s3", locale };
  const { page, complaints } = await studio.open({ element: "headgate-stream", attributes, state });
  await page.getByRole("tab", { name: locale === "de" ? "Erneut zustellen" : "Replay" }).click();
  return { page, complaints };
}

/** Bodies of the requests that began a replay. */
const begun = (state: FakeState): readonly unknown[] =>
  state.bodies
    .filter(({ request, body }) => request === `POST ${path}` && !("dry_run" in (body as object)))
    .map(({ body }) => body);

test("a range is counted, begun, followed to its end, and told of", async () => {
  const state = fakeState();
  const { page, complaints } = await openReplay(state);
  await page.getByText("250 events of the log are in this range.").waitFor();
  await page.getByLabel("Sequences").check();
  await page.getByLabel("First", { exact: true }).fill("101");
  await page.getByLabel("Last", { exact: true }).fill("150");
  await page.getByText("50 events of the log are in this range.").waitFor();
  await page.getByRole("button", { name: "Deliver again" }).click();
  await page.getByText("Under way").waitFor();
  expect(begun(state)).toEqual([{ first_sequence: 101, last_sequence: 150 }]);
  const progress = page.getByRole("progressbar", { name: "Progress of the replay" });
  expect(await progress.getAttribute("max")).toBe("50");
  expect(await page.getByRole("button", { name: "Deliver again" }).count()).toBe(0);
  if (state.replay) state.replay = { ...state.replay, events: 20 };
  await expect.poll(() => progress.getAttribute("value"), patience).toBe("20");
  const ended_at = new Date().toISOString();
  if (state.replay) state.replay = { ...state.replay, events: 50, objects: 3, state: "done", ended_at };
  await page.getByText("Done", { exact: true }).waitFor();
  expect(await progress.count()).toBe(0);
  await page.getByRole("button", { name: "Deliver again" }).waitFor();
  expect({ complaints, violations: state.violations }).toEqual({ complaints: [], violations: [] });
});

test("a time is sent as an instant, and one that ends before it begins is not sent at all", async () => {
  const state = fakeState();
  const { page } = await openReplay(state);
  await page.getByLabel("A time").check();
  await page.getByLabel("From", { exact: true }).fill("2026-11-02T10:00");
  await page.getByLabel("To", { exact: true }).fill("2026-11-01T10:00");
  await page.getByText("“From” must be before “to”.").waitFor();
  const from = page.getByLabel("From", { exact: true });
  expect(await from.getAttribute("aria-invalid")).toBe("true");
  await page.getByRole("button", { name: "Deliver again" }).click();
  await expect.poll(() => from.evaluate((one) => one.matches(":focus")), patience).toBe(true);
  await from.fill("2020-11-01T10:00");
  await page.getByLabel("To", { exact: true }).fill("");
  await page.getByText("250 events of the log are in this range.").waitFor();
  await page.getByRole("button", { name: "Deliver again" }).click();
  await page.getByText("Under way").waitFor();
  // The browser's time zone is UTC.
  expect(begun(state)).toEqual([{ from: "2020-11-01T10:00:00.000Z" }]);
});

test("one that is under way is found again with its progress, and can be cancelled", async () => {
  const state = fakeState();
  const figures = { objects: 0, events: 10, refused: 0, lost: 0, lost_ranges: [] };
  state.replay = { state: "running", range: {}, requested_at: new Date().toISOString(), ...figures };
  const { page } = await openReplay(state);
  const progress = page.getByRole("progressbar");
  await expect.poll(() => progress.getAttribute("max"), patience).toBe("250");
  await page.getByRole("button", { name: "Cancel the replay" }).click();
  await page.getByText("Cancelled", { exact: true }).waitFor();
  expect(state.replay.state).toBe("cancelled");
});

test("somebody else's replay that began meanwhile is told of, in German, and then shown", async () => {
  const state = fakeState();
  const { page } = await openReplay(state, "de");
  await page.getByText("250 Ereignisse des Logs liegen in diesem Bereich.").waitFor();
  const figures = { objects: 0, events: 0, refused: 0, lost: 0, lost_ranges: [] };
  state.replay = { state: "running", range: { first_sequence: 3 }, requested_at: new Date().toISOString(), ...figures };
  await page.getByRole("button", { name: "Erneut zustellen" }).click();
  await page.getByText("Der Stream „acme-s3“ sendet schon einen Bereich erneut.").waitFor();
  await page.getByText("Ereignisse 3 bis Ende").waitFor();
  await page.getByText("Läuft", { exact: true }).waitFor();
  expect(begun(state)).toHaveLength(1);
});

test("what could not be delivered again is said, range by range, with the reason", async () => {
  const state = fakeState();
  const lost_ranges = [
    { first_sequence: 1, last_sequence: 9, reason: "trimmed" },
    { first_sequence: 12, last_sequence: 12, reason: "of-tomorrow" },
  ];
  const times = { requested_at: "2026-11-01T08:00:00Z", ended_at: "2026-11-01T08:01:00Z" };
  state.replay = { state: "done", range: {}, ...times, objects: 4, events: 240, refused: 0, lost: 10, lost_ranges };
  const { page } = await openReplay(state);
  await page.getByText("Which could not be delivered again").click();
  expect(await page.locator("headgate-replay li").allInnerTexts()).toEqual([
    "1–9 the log holds them no more",
    "12 of-tomorrow",
  ]);
});

test("who may only look sees how it stands, and nothing to begin one with", async () => {
  const state = fakeState();
  state.me = { ...state.me, role: "viewer" };
  const { page } = await openReplay(state);
  await page.getByText("Nothing has been replayed yet.").waitFor();
  expect(await page.locator("headgate-replay").getByRole("button").count()).toBe(0);
  expect(state.requests.filter((one) => one.startsWith("POST"))).toEqual([]);
});

test("a stream that leaves events out says so beside the count and in its figures", async () => {
  const state = fakeState();
  const shape = { filter: { exclude: [{ action: "a.*" }] }, filtered: 1204 };
  state.streams = [fakeStream("acme-s3", "active", shape)];
  const { page } = await openReplay(state);
  await page.getByText("What the stream's filter leaves out is not sent.").waitFor();
  expect(await page.getByText("1,204 left out by its filter").count()).toBe(1);
});
