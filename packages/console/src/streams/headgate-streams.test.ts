import { afterAll, beforeAll, expect, test } from "vitest";
import { openStudio, patience, type Studio } from "../testing/browser.ts";
import { push, fakeState } from "../testing/fake-api.ts";
import { fakeStream } from "../testing/fake-data.ts";

let studio: Studio;
beforeAll(async () => {
  studio = await openStudio();
});
afterAll(() => studio.close());

const element = "headgate-streams";

test("every stream is shown with state, last time, lag and activity, and opens", async () => {
  const { page, complaints, state } = await studio.open({ element });
  const rows = page.getByRole("listitem");
  await rows.nth(5).waitFor();
  const splunk = rows.filter({ hasText: "Splunk Enterprise" });
  expect(await splunk.innerText()).toMatch(/Disconnected[\s\S]*1 hour ago[\s\S]*1 hr 16 mins?[\s\S]*12/);
  expect(await splunk.getByRole("img").getAttribute("aria-label")).toMatch(/events delivered in the last 24 hours/);
  await splunk.getByRole("button").click();
  expect(await page.evaluate("heard")).toEqual([["open", { stream: "acme-splunk", organization: "acme" }]]);
  expect({ complaints, violations: state.violations }).toEqual({ complaints: [], violations: [] });
});

test("searching and filtering ask the server, and can be undone", async () => {
  const { page, state } = await studio.open({ element });
  await page.getByRole("listitem").nth(5).waitFor();
  await page.getByLabel("Search streams").fill("datadog");
  await expect.poll(() => page.getByRole("listitem").count(), patience).toBe(1);
  expect(state.requests).toContain("GET /v1/organizations/acme/streams?search=datadog&limit=50");
  await page.getByLabel("State").selectOption({ label: "Active" });
  await page.getByText("No stream matches").waitFor();
  await page.getByRole("button", { name: "Show all streams" }).click();
  await expect.poll(() => page.getByRole("listitem").count(), patience).toBe(6);
  await page.getByLabel("State").selectOption({ label: "Needs attention" });
  await expect.poll(() => page.getByRole("listitem").count(), patience).toBe(3);
  expect(state.violations).toEqual([]);
});

test("long lists come in pages", async () => {
  const state = fakeState();
  state.streams = Array.from({ length: 120 }, (_, i) => fakeStream(`s-${String(i).padStart(3, "0")}`, "active"));
  const { page } = await studio.open({ element, state });
  await page.getByRole("listitem").nth(49).waitFor();
  expect(await page.getByRole("listitem").count()).toBe(50);
  await page.getByRole("button", { name: "Load more" }).click();
  await expect.poll(() => page.getByRole("listitem").count(), patience).toBe(100);
  await page.getByRole("button", { name: "Load more" }).click();
  await expect.poll(() => page.getByRole("listitem").count(), patience).toBe(120);
  expect(await page.getByRole("button", { name: "Load more" }).count()).toBe(0);
  // The button is gone: the focus goes on with what it has brought.
  const focused = (): Promise<string> =>
    page.evaluate(() => document.querySelector("headgate-streams")?.shadowRoot?.activeElement?.textContent ?? "");
  await expect.poll(focused, patience).toBe("s-100");
});

test("a change, a new stream and a deleted one are seen without asking", async () => {
  const { page, state } = await studio.open({ element });
  await page.getByRole("listitem").nth(5).waitFor();
  await expect.poll(() => state.listeners.size, patience).toBe(1);
  const changed = fakeStream("acme-s3", "blocked", { name: "Security lake" });
  state.streams = state.streams.map((one) => (one.id === "acme-s3" ? changed : one));
  push(state, "streams", { streams: [changed, fakeStream("acme-two", "active")] });
  push(state, "removed", { ids: ["acme-lab"] });
  await page.getByRole("listitem").filter({ hasText: "Security lake" }).getByText("Blocked").waitFor();
  await page.getByRole("button", { name: "acme-two" }).waitFor();
  await expect.poll(() => page.getByRole("button", { name: "acme-lab" }).count(), patience).toBe(0);
});

test("an organization without streams is invited to connect one, a viewer is told whom to ask", async () => {
  const state = fakeState();
  state.streams = [];
  const { page } = await studio.open({ element, state });
  await page.getByRole("button", { name: "Connect a stream" }).click();
  expect(await page.evaluate("heard")).toEqual([["connect", {}]]);
  const other = fakeState();
  other.streams = [];
  other.me = { ...other.me, role: "viewer" };
  const viewer = await studio.open({ element, state: other });
  await viewer.page.getByText("Ask an administrator").waitFor();
  expect(await viewer.page.getByRole("button").count()).toBe(0);
});

test("a failed request says what happened, and is tried again", async () => {
  const state = fakeState();
  state.failures.set("GET /v1/organizations/acme/streams", 503);
  const { page } = await studio.open({ element, state });
  await page.getByText("The store cannot be reached.").waitFor();
  await page.getByText("Request req-7f3e").waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("listitem").nth(5).waitFor();
  expect(await page.getByRole("alert").count()).toBe(0);
});

test("a page of somebody else in the API's place is told from the API", async () => {
  const { page, state } = await studio.open({ element, attributes: { api: "/nowhere" } });
  await page.getByText("What answers here is not the Headgate API").waitFor();
  expect(await page.getByText("SyntaxError").count()).toBe(0);
  expect(state.violations.splice(0)).toEqual(["no such file: /nowhere/v1/me"]);
});

test("a server that does not answer is told from one that refuses", async () => {
  const { page, origin } = await studio.open({ element });
  await page.getByRole("listitem").nth(5).waitFor();
  await page.route(`${origin}/v1/organizations/acme/streams?*`, (route) => route.abort());
  await page.getByLabel("Search streams").fill("s3");
  await page.getByText("The server did not answer.").waitFor();
  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => page.getByRole("listitem").count(), patience).toBe(1);
});

test("live updates that break off are taken up again", async () => {
  const { page, state } = await studio.open({ element });
  await expect.poll(() => state.listeners.size, patience).toBe(1);
  for (const response of state.listeners) response.destroy();
  await page.getByText("Live updates are interrupted").waitFor();
  await expect.poll(() => state.listeners.size, patience).toBe(1);
  await expect.poll(() => page.getByText("Live updates are interrupted").count(), patience).toBe(0);
});
