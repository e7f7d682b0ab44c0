import { afterAll, beforeAll, expect, test } from "vitest";
import { openStudio, patience, type Studio } from "../testing/browser.ts";
import { fakeState, push } from "../testing/fake-api.ts";
import { fakeDeliveries } from "../testing/fake-data.ts";

let studio: Studio;
beforeAll(async () => {
  studio = await openStudio();
});
afterAll(() => studio.close());

const element = "headgate-stream";

test("a disconnected stream says why, since when and what to do, with figures and service levels", async () => {
  const { page, complaints, state } = await studio.open({ element, attributes: { stream: "acme-splunk" } });
  await page.getByRole("heading", { name: "Splunk Enterprise, Frankfurt" }).waitFor();
  await page.getByText("hec.acme.example:8088 refuses connections.").waitFor();
  await page.getByText("Look whether the HTTP Event Collector is enabled").waitFor();
  await page.getByText("19 failed attempts in a row.").waitFor();
  await page.getByText("412 older than an hour").waitFor();
  expect(await page.getByText("The promise is broken").count()).toBe(3);
  const chart = page.getByRole("img", { name: /Events delivered per hour/ });
  expect(await chart.getAttribute("aria-label")).toMatch(/Failed requests shown: 2/);
  expect({ complaints, violations: state.violations }).toEqual({ complaints: [], violations: [] });
});

test("deliveries come in pages, and new ones appear by themselves", async () => {
  const { page, state } = await studio.open({ element, attributes: { stream: "acme-s3" } });
  const rows = page.getByRole("table").getByRole("row");
  await expect.poll(() => rows.count(), patience).toBe(26);
  await page.getByRole("button", { name: "Load more" }).click();
  await expect.poll(() => rows.count(), patience).toBe(51);
  await expect.poll(() => state.listeners.size, patience).toBe(1);
  state.deliveries = fakeDeliveries(81);
  push(state, "streams", { streams: [{ ...state.streams[0], delivered: 861_900 }] });
  await expect.poll(() => rows.count(), patience).toBe(52);
  expect(state.violations).toEqual([]);
});

test("pausing and resuming show at once", async () => {
  const { page, state } = await studio.open({ element, attributes: { stream: "acme-s3" } });
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("The stream is paused. Events are kept.").waitFor();
  await page.getByText("Paused", { exact: true }).first().waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByText("The stream goes on where it stopped.").waitFor();
  expect(state.requests.filter((one) => one.startsWith("POST"))).toEqual([
    "POST /v1/organizations/acme/streams/acme-s3/pause",
    "POST /v1/organizations/acme/streams/acme-s3/resume",
  ]);
});

test("the verification is shown, and runs again step by step", async () => {
  const { page } = await studio.open({ element, attributes: { stream: "acme-s3" } });
  await page.getByRole("tab", { name: "Verification" }).click();
  await page.getByText("Could be better").waitFor();
  await page.getByRole("button", { name: "Verify", exact: true }).click();
  await page.getByText("Every step passed.").waitFor();
  expect(await page.getByRole("tab", { name: "Verification" }).getAttribute("aria-selected")).toBe("true");
});

test("tabs are moved through with the arrow keys", async () => {
  const { page } = await studio.open({ element, attributes: { stream: "acme-splunk" } });
  await page.getByRole("tab", { name: "Deliveries" }).focus();
  await page.keyboard.press("ArrowLeft");
  expect(await page.getByRole("tab", { name: "Verification" }).getAttribute("aria-selected")).toBe("true");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.getByRole("tabpanel", { name: /Alerts/ }).waitFor();
  expect(await page.getByRole("tab", { selected: true }).count()).toBe(1);
});

test("alerts tell whom they were told to", async () => {
  const { page, state } = await studio.open({ element, attributes: { stream: "acme-splunk" } });
  await page.getByRole("tab", { name: /Alerts/ }).click();
  await page.getByText("has been disconnected for an hour").waitFor();
  await page.getByText("Notifications").first().click();
  await page.getByText("security-webhook").waitFor();
  expect(state.violations).toEqual([]);
});

test("quarantined events are looked at, sent again, and discarded after a question", async () => {
  const { page, state, complaints } = await studio.open({ element, attributes: { stream: "acme-s3" } });
  await page.getByRole("tab", { name: /Quarantine/ }).click();
  await page.getByRole("button", { name: "Show event 861002" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText('"action": "deploy.finished"').waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(() => dialog.count(), patience).toBe(0);
  expect(await page.getByRole("button", { name: "Show event 861002" }).evaluate((one) => one.matches(":focus"))).toBe(
    true,
  );
  await page.getByRole("button", { name: "Send again: event 861002" }).click();
  await page.getByText("To be sent again", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Discard event 861017" }).click();
  await dialog.getByRole("button", { name: "Discard" }).click();
  await page.getByText("Discarded", { exact: true }).waitFor();
  expect(state.requests.filter((one) => one.startsWith("POST"))).toEqual([
    "POST /v1/organizations/acme/streams/acme-s3/quarantine/861002/retry",
    "POST /v1/organizations/acme/streams/acme-s3/quarantine/861017/discard",
  ]);
  expect({ complaints, violations: state.violations }).toEqual({ complaints: [], violations: [] });
});

test("all quarantined events are sent again at once", async () => {
  const { page, state } = await studio.open({ element, attributes: { stream: "acme-s3" } });
  await page.getByRole("tab", { name: /Quarantine/ }).click();
  await page.getByRole("button", { name: "Send all again" }).click();
  await expect.poll(() => page.getByText("To be sent again", { exact: true }).count(), patience).toBe(2);
  expect(state.requests).toContain("POST /v1/organizations/acme/streams/acme-s3/quarantine/retry");
});

test("deleting says what is pending, and waits until that is given up", async () => {
  const { page, state } = await studio.open({ element, attributes: { stream: "acme-splunk" } });
  await page.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete Splunk Enterprise, Frankfurt?" });
  await dialog.getByText("12,031 events (6.8 MB) are still pending").waitFor();
  expect(await dialog.getByRole("button", { name: "Delete the stream" }).isDisabled()).toBe(true);
  await studio.shot(page, "stream-delete");
  await dialog.getByLabel("Give up what is pending").check();
  await dialog.getByRole("button", { name: "Delete the stream" }).click();
  await page.getByText("The stream is deleted.").waitFor();
  expect(state.requests.at(-1)).toBe("DELETE /v1/organizations/acme/streams/acme-splunk?abandon_pending=true");
  expect(await page.evaluate("heard")).toEqual([["deleted", { stream: "acme-splunk", organization: "acme" }]]);
});

test("a stream that is not there is said to be so", async () => {
  const { page } = await studio.open({ element, attributes: { stream: "nobody" } });
  await page.getByRole("heading", { name: "There is no such stream" }).waitFor();
  await page.evaluate(() => {
    addEventListener("headgate-list", () => document.body.append("went back"));
  });
  await page.getByRole("button", { name: "All streams" }).click();
  expect(await page.getByText("went back").count()).toBe(1);
});

test("a server that hangs is waited for half a minute, and then said to be out of reach", async () => {
  const { page, state } = await studio.open({ element, attributes: { stream: "acme-s3" } });
  await page.getByRole("button", { name: "Pause" }).waitFor();
  const never = Promise.withResolvers<void>();
  state.waits.set("POST /v1/organizations/acme/streams/acme-s3/pause", never.promise);
  await page.clock.install();
  await page.getByRole("button", { name: "Pause" }).click();
  expect(await page.getByRole("button", { name: "Pause" }).getAttribute("aria-disabled")).toBe("true");
  await page.clock.fastForward(31_000);
  await page.getByText("The server did not answer.").waitFor();
  expect(await page.getByRole("button", { name: "Pause" }).getAttribute("aria-disabled")).toBe(null);
  never.resolve();
});

test("what was said of an action gives way to the trouble that came of it", async () => {
  const { page, state } = await studio.open({ element, attributes: { stream: "acme-s3" } });
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByText("The stream goes on where it stopped.").waitFor();
  const stream = state.streams.find(({ id }) => id === "acme-s3");
  const next = new Date(Date.now() - 9000).toISOString();
  push(state, "streams", { streams: [{ ...stream, health: { ...stream?.health, state: "unverified", since: next } }] });
  await page.getByText("It has been resumed or changed, and has delivered nothing since.").waitFor();
  const error = { code: "permission_missing", message: "Access denied.", at: next };
  const health = { ...stream?.health, state: "blocked", since: next, next_attempt_at: next, last_error: error };
  push(state, "streams", { streams: [{ ...stream, health }] });
  await page.getByText("Access denied.").waitFor();
  await page.getByText("Next attempt now.").waitFor();
  expect(await page.getByText("The stream goes on where it stopped.").count()).toBe(0);
});

test("a viewer can look at everything and change nothing", async () => {
  const state = fakeState();
  state.me = { ...state.me, role: "viewer" };
  const { page } = await studio.open({ element, state, attributes: { stream: "acme-s3" } });
  await page.getByText("You may look at this, but not change it.").waitFor();
  await page.getByRole("tab", { name: /Quarantine/ }).click();
  await page.getByRole("button", { name: "Show event 861002" }).waitFor();
  for (const name of [/^Pause/, /^Delete/, /^Edit/, /^Verify/, /again/, /^Discard/])
    expect(await page.getByRole("button", { name }).count()).toBe(0);
});

test("a declared stream offers neither edit nor delete", async () => {
  const state = fakeState();
  state.streams = state.streams.map((one) => ({ ...one, declared: true }));
  const { page } = await studio.open({ element, state, attributes: { stream: "acme-s3" } });
  await page.getByRole("button", { name: "Pause" }).waitFor();
  expect(await page.getByRole("button", { name: /Edit|Delete/ }).count()).toBe(0);
});

test("the page hears of edit and of going back to the list", async () => {
  const { page } = await studio.open({ element, attributes: { stream: "acme-s3" } });
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("button", { name: "All streams" }).click();
  expect(await page.evaluate("heard")).toEqual([
    ["edit", { stream: "acme-s3", organization: "acme" }],
    ["list", {}],
  ]);
});

test("how far digests vouch is a figure of its own, and one that is overdue is told beside it", async () => {
  const state = fakeState();
  const { page } = await studio.open({ element, attributes: { stream: "acme-s3" }, state });
  const fact = page.locator(".fact", { hasText: "Signed up to" });
  await fact.getByText("861,440").waitFor();
  expect(await fact.innerText()).toContain("digest 962, 12 minutes ago");
  const [alert] = state.alerts;
  if (alert) state.alerts = [{ ...alert, stream: "acme-s3", kind: "digest_overdue" }];
  push(state, "alerts", { alerts: state.alerts });
  await fact.getByText("the next is overdue since").waitFor();
});
