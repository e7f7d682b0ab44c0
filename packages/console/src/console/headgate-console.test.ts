import { afterAll, beforeAll, expect, test } from "vitest";
import { openStudio, patience, type Studio } from "../testing/browser.ts";
import { fakeState } from "../testing/fake-api.ts";
import { fakeStream } from "../testing/fake-data.ts";

let studio: Studio;
beforeAll(async () => {
  studio = await openStudio();
});
afterAll(() => studio.close());

test("the whole way through the site runs under its strict policy", async () => {
  const { page, state, complaints } = await studio.open({ site: "" });
  await page.getByRole("link", { name: "Streams" }).waitFor();
  await page.getByRole("button", { name: "Security lake" }).click();
  await page.getByRole("heading", { name: "Security lake" }).waitFor();
  expect(new URL(page.url()).hash).toBe("#/acme/streams/acme-s3");
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByText("Edit Security lake").waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "Security lake" }).waitFor();
  await page.getByRole("button", { name: "All streams" }).click();
  await page.getByRole("button", { name: "Open Archive account" }).click();
  await page.getByRole("heading", { name: "Archive account" }).waitFor();
  expect(await page.title()).toBe("acme-archive · Streams · acme · Headgate");
  await page.getByRole("link", { name: "Audit log" }).click();
  await page.getByRole("listitem").nth(20).waitFor();
  await page.getByRole("link", { name: "Connect" }).click();
  await page.getByRole("button", { name: "Amazon S3" }).click();
  await page.getByRole("tab", { name: "Terraform" }).click();
  await page.getByText('resource "aws_iam_role"').waitFor();
  expect({ complaints, violations: state.violations }).toEqual({ complaints: [], violations: [] });
});

test("the policy test would notice: an inline style is reported", async () => {
  const { page, complaints } = await studio.open({ site: "" });
  await page.getByRole("link", { name: "Streams" }).waitFor();
  await page.evaluate(() => document.body.setAttribute("style", "color: red"));
  await expect.poll(() => complaints.join(), patience).toContain("style-src");
});

test("without a session a token is asked for, kept in the tab, and forgotten on signing out", async () => {
  const state = fakeState();
  state.token = "hg_1_secret";
  const { page } = await studio.open({ site: "", state });
  const token = page.getByLabel("API token");
  await token.waitFor();
  expect(await page.getByText("This token is not valid").count()).toBe(0);
  await token.fill("hg_1_wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("This token is not valid").waitFor();
  await token.fill("hg_1_secret");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Security lake" }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Security lake" }).waitFor();
  expect(await page.content()).not.toContain("hg_1_secret");
  await page.getByRole("button", { name: "Sign out" }).click();
  await token.waitFor();
  expect(await page.evaluate(() => JSON.stringify([sessionStorage, localStorage]))).not.toContain("hg_1");
});

test("signing in says what keeps it from trying, and lets it be tried again without typing anew", async () => {
  const state = fakeState();
  state.token = "hg_1_secret";
  const { page } = await studio.open({ site: "", state });
  const token = page.getByLabel("API token");
  await token.fill("hg_1_secret…");
  await page.keyboard.press("Enter");
  await page.getByText("This token is not valid").waitFor();
  state.failures.set("GET /v1/me", 503);
  await token.fill("hg_1_secret");
  await page.keyboard.press("Enter");
  await page.getByText("The store cannot be reached.").waitFor();
  expect(await page.getByText("This token is not valid").count()).toBe(0);
  expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain("hg_1");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Security lake" }).waitFor();
  // The same after a reload: another way in must stay open.
  state.failures.set("GET /v1/me", 503);
  await page.reload();
  await page.getByText("The store cannot be reached.").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await token.waitFor();
});

test("an address with a broken token asks for one", async () => {
  const state = fakeState();
  state.token = "hg_1_secret";
  for (const site of ["#token=%E0%A4%A", "#token=hg_%E2%80%A6"]) {
    const { page, complaints } = await studio.open({ site, state });
    await page.getByLabel("API token").waitFor();
    expect([page.url().includes("token"), complaints]).toEqual([false, []]);
  }
});

test("a token in the address signs in and is gone from there", async () => {
  const state = fakeState();
  state.token = "hg_1_secret";
  const { page } = await studio.open({ site: "#token=hg_1_secret", state });
  await page.getByRole("button", { name: "Security lake" }).waitFor();
  expect(page.url()).not.toContain("hg_1");
});

test("a token that is revoked meanwhile leads back to signing in", async () => {
  const state = fakeState();
  state.token = "hg_1_secret";
  const { page } = await studio.open({ site: "#token=hg_1_secret", state });
  await page.getByRole("button", { name: "Security lake" }).waitFor();
  state.token = "hg_2_other";
  await page.getByRole("link", { name: "Audit log" }).click();
  await page.getByText("This token is not valid").waitFor();
  expect(await page.getByRole("navigation").count()).toBe(0);
});

test("an operator sees all organizations, and chooses one", async () => {
  const state = fakeState();
  state.me = { role: "operator", actor: { type: "token", id: "t_1", name: "ops" } };
  state.streams = [...state.streams, fakeStream("globex-s3", "active", { organization: "globex" })];
  const { page, complaints } = await studio.open({ site: "", state });
  await page.getByRole("button", { name: "globex-s3" }).waitFor();
  await page.getByText("Amazon S3 · globex").waitFor();
  await page.getByRole("link", { name: "Connect" }).click();
  await page.getByRole("heading", { name: "Choose an organization" }).waitFor();
  await page
    .getByRole("textbox", { name: "Organization" })
    .or(page.getByRole("combobox", { name: "Organization" }))
    .last()
    .fill("acme");
  await page.getByRole("button", { name: "Go" }).click();
  await page.getByRole("button", { name: "Amazon S3" }).waitFor();
  expect(new URL(page.url()).hash).toBe("#/acme/connect");
  expect({ complaints, violations: state.violations }).toEqual({ complaints: [], violations: [] });
});

test("an operator reaches organizations that are not in the list, and finds a narrowed list again", async () => {
  const state = fakeState();
  state.me = { role: "operator", actor: { type: "token", id: "t_1", name: "ops" } };
  state.streams = Array.from({ length: 201 }, (_, i) => fakeStream(`s-${String(i).padStart(3, "0")}`, "active"));
  const { page, state: fake } = await studio.open({ site: "", state });
  const choice = page.getByRole("combobox", { name: "Organization" });
  await choice.selectOption({ label: "Another one …" });
  await page.getByRole("heading", { name: "Choose an organization" }).waitFor();
  await page.getByRole("link", { name: "Streams" }).click();
  await page.getByLabel("Search streams").waitFor();
  await choice.selectOption({ label: "Another one …" });
  await page.locator("#id").fill("acme");
  await page.keyboard.press("Enter");
  await expect.poll(() => new URL(page.url()).hash, patience).toBe("#/acme/streams");
  await page.getByLabel("Search streams").fill("s-19");
  await expect.poll(() => fake.requests.some((one) => one.includes("search=s-19")), patience).toBe(true);
  await page.getByRole("button", { name: "s-195" }).click();
  await page.getByRole("heading", { name: "s-195" }).waitFor();
  await page.goBack();
  await page.getByRole("button", { name: "s-195" }).waitFor();
  expect(await page.getByLabel("Search streams").inputValue()).toBe("s-19");
});

test("a token that only sends events is told so", async () => {
  const state = fakeState();
  state.me = { ...state.me, role: "ingest" };
  const { page } = await studio.open({ site: "", state });
  await page.getByText("This token may only send events.").waitFor();
  expect(await page.getByRole("button", { name: "Connect a stream" }).count()).toBe(0);
});

test("the site speaks the browser's language", async () => {
  const { page } = await studio.open({ site: "", locale: "de-AT" });
  await page.getByRole("link", { name: "Verbinden" }).waitFor();
  await page.getByText("99,96 %").waitFor();
  expect(await page.getByText("Streams", { exact: true }).count()).toBeGreaterThan(0);
});

test("the content can be skipped to by keyboard", async () => {
  const { page } = await studio.open({ site: "" });
  await page.getByRole("button", { name: "Security lake" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(
    await page.evaluate(() => document.querySelector("headgate-console")?.shadowRoot?.activeElement?.tagName),
  ).toBe("MAIN");
});
