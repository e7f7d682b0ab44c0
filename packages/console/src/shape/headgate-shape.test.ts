import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStudio, patience, type Studio } from "../testing/browser.ts";
import { fakeState, type FakeState } from "../testing/fake-api.ts";
import { fakeStream } from "../testing/fake-data.ts";

let studio: Studio;
beforeAll(async () => {
  studio = await openStudio();
});
afterAll(() => studio.close());

const element = "headgate-connect";
const edit = { element, attributes: { stream: "acme-splunk" } } as const;
const list = (page: Page, name: string): Locator => page.getByRole("group", { name, exact: true });
const saved = (state: FakeState): unknown =>
  state.bodies.findLast(({ request }) => !request.includes("/setup/") && !request.endsWith("/preview"));

/** A stream that takes sign-ins alone, without names. */
function shaped(): FakeState {
  const state = fakeState();
  const shape = {
    filter: { include: [{ action: "user.*" }], exclude: [{ outcome: "failure" }] },
    privacy: [{ path: "actor.name", method: "hash" as const }],
    format: "ecs",
  };
  const options = { url: "https://hec.acme.example:8088", index: "audit" };
  state.streams = [fakeStream("acme-splunk", "active", { sink: "splunk", options, ...shape })];
  return state;
}

test("what is left out and what is changed is seen before it is saved, and saved as it was seen", async () => {
  const { page, state, complaints } = await studio.open(edit);
  await page.getByText("All of the last 10 would be sent.").waitFor();
  await page.getByRole("button", { name: "Add an entry: Leave these out" }).click();
  await page.keyboard.type("user.signed_*");
  await page.getByText("4 of the last 10 would be left out.").waitFor();
  expect(await page.getByText("Left out", { exact: true }).count()).toBe(4);
  await list(page, "Leave these out, entry 1").getByLabel("Outcome").selectOption({ label: "failure" });
  await page.getByText("2 of the last 10 would be left out.").waitFor();

  await page.getByRole("button", { name: "Add an entry: Take out or disguise" }).click();
  await page.keyboard.type("actor.name");
  // The first event that changes unfolds by itself: what goes is marked on one side, what comes on the other.
  await page.locator("headgate-shape ins").getByText('"name": "[masked]"').first().waitFor();
  expect(await page.locator("headgate-shape del").filter({ visible: true }).allTextContents()).toEqual([
    expect.stringMatching(/^ +"name": "(Ada|Grace|Katherine)/),
  ]);
  expect(await page.getByText("Changed", { exact: true }).count()).toBe(8);

  await page.getByRole("button", { name: "Save and verify" }).click();
  await page.getByText("Splunk Enterprise, Frankfurt is saved").waitFor();
  expect(saved(state)).toMatchObject({
    request: "PATCH /v1/organizations/acme/streams/acme-splunk",
    body: {
      filter: { exclude: [{ action: "user.signed_*", outcome: "failure" }] },
      privacy: [{ path: "actor.name", method: "mask" }],
      format: "native",
    },
  });
  expect(complaints).toEqual([]);
});

test("what a stream sends already is shown, and can be taken back", async () => {
  const state = shaped();
  const { page } = await studio.open({ ...edit, state });
  expect(await list(page, "Only these events, entry 1").getByLabel("Action").inputValue()).toBe("user.*");
  expect(await list(page, "Leave these out, entry 1").getByLabel("Outcome").inputValue()).toBe("failure");
  expect(await list(page, "Take out or disguise, entry 1").getByLabel("What to do").inputValue()).toBe("hash");
  const format = page.getByLabel("Format");
  await format.locator("option", { hasText: "ECS 9.4" }).waitFor({ state: "attached" });
  expect(await format.inputValue()).toBe("ecs");
  await page.getByRole("button", { name: /^Remove: Only these/ }).click();
  await page.getByRole("button", { name: /^Remove: Leave these/ }).click();
  await page.getByRole("button", { name: /^Remove: Take out/ }).click();
  const focused = (): Promise<boolean> => page.locator("#privacy-add").evaluate((one) => one.matches(":focus"));
  await expect.poll(focused, patience).toBe(true);
  await format.selectOption({ label: "As the log has it" });
  await page.getByText("All of the last 10 would be sent.").waitFor();
  await page.getByRole("button", { name: "Save and verify" }).click();
  await page.getByText("acme-splunk is saved").waitFor();
  expect(saved(state)).toMatchObject({ body: { filter: {}, privacy: [], format: "native" } });
});

test("who changes only the settings changes nothing of what is sent", async () => {
  const state = shaped();
  const { page } = await studio.open({ ...edit, state });
  await page.getByLabel("Name of the stream").fill("Splunk");
  await page.getByRole("button", { name: "Save and verify" }).click();
  await page.getByText("Splunk is saved").waitFor();
  expect(saved(state)).toMatchObject({
    body: { name: "Splunk", options: { url: "https://hec.acme.example:8088", index: "audit" } },
  });
  expect(Object.keys((saved(state) as { body: object }).body).sort()).toEqual(["name", "options"]);
});

test("the API's mistake is told at the field that it is about, in German too, and at saving it gets the focus", async () => {
  const { page } = await studio.open({ ...edit, attributes: { ...edit.attributes, locale: "de" } });
  await page.getByRole("button", { name: "Eintrag hinzufügen: Entfernen oder unkenntlich machen" }).click();
  await page.getByRole("button", { name: "Eintrag hinzufügen: Entfernen oder unkenntlich machen" }).click();
  const path = page.locator("#privacy-1-path");
  await path.fill("actor.name.first");
  await page.getByText("führt zu nichts, was eine Regel ändern darf. Pfade beginnen mit").waitFor();
  await page.getByText("Die Vorschau geht weiter, sobald dies behoben ist.").waitFor();
  expect(await path.getAttribute("aria-invalid")).toBe("true");
  expect(await page.locator(`#${(await path.getAttribute("aria-describedby")) ?? ""}`).count()).toBe(1);
  expect(await page.locator('headgate-shape [lang="en"]').count()).toBe(0);
  await page.getByRole("button", { name: "Speichern und prüfen" }).click();
  await page.getByRole("alert").getByText("privacy[0].path führt zu nichts").waitFor();
  await expect.poll(() => path.evaluate((one) => one.matches(":focus")), patience).toBe(true);
  await path.fill("actor.name");
  await page.locator("headgate-shape ins").first().waitFor();
  expect(await path.getAttribute("aria-invalid")).toBe(null);
});

test("a new stream begins with what was chosen for it", async () => {
  const { page, state, complaints } = await studio.open({ element });
  await page.getByRole("button", { name: "Splunk" }).click();
  await page.getByLabel("Collector URL").fill("https://hec.acme.example:8088");
  await page.getByLabel("Token", { exact: true }).fill("good");
  await page.getByRole("button", { name: "Verify the connection" }).click();
  await page.getByText("What it sends").click();
  await page.getByRole("button", { name: "Add an entry: Only these events" }).click();
  await page.keyboard.type("token.created");
  await page.getByText("8 of the last 10 would be left out.").waitFor();
  await page.getByLabel("Format").selectOption({ label: "ECS 9.4" });
  await page.getByText("Changed", { exact: true }).first().waitFor();
  // Two forms that have nothing in common are not compared line by line.
  expect(await page.locator("headgate-shape ins").count()).toBe(0);
  await page.getByRole("button", { name: "Start streaming" }).click();
  await page.getByText("is connected").waitFor();
  expect(saved(state)).toMatchObject({
    request: "POST /v1/organizations/acme/streams",
    body: { sink: "splunk", filter: { include: [{ action: "token.created" }] }, privacy: [], format: "ecs" },
  });
  expect(complaints).toEqual([]);
});

test("an empty log has nothing to preview, and a store that is away is told of with a way to try again", async () => {
  const state = fakeState();
  state.events = [];
  state.failures.set("POST /v1/organizations/acme/streams/preview", 503);
  const { page } = await studio.open({ ...edit, state });
  await page.getByText("The store cannot be reached.").waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("The log holds no events yet.").waitFor();
  expect(await page.getByText("The store cannot be reached.").count()).toBe(0);
});
