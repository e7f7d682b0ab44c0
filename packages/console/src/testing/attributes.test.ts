import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { openStudio, patience, type Studio } from "./browser.ts";
import { fakeState } from "./fake-api.ts";
import { fakeStream } from "./fake-data.ts";

let studio: Studio;
beforeAll(async () => {
  studio = await openStudio();
});
afterAll(() => studio.close());

/** Each element with attributes that it needs, and a text in English and German that shows that it has loaded. */
const elements = [
  ["headgate-streams", {}, "Last streamed", "Zuletzt gestreamt"],
  ["headgate-stream", { stream: "acme-s3" }, "Error budget left", "Verbleibendes Fehlerbudget"],
  ["headgate-connect", {}, "Where should the audit log go?", "Wohin soll das Audit-Log gehen?"],
  ["headgate-events", {}, "Actor id", "Akteur-ID"],
  ["headgate-banner", {}, "has been blocked since", "blockiert"],
  ["headgate-console", {}, "Where the audit log goes", "Wohin das Audit-Log geht"],
] as const;

const shows = (page: Page, text: string): Promise<void> =>
  page.getByText(text).filter({ visible: true }).first().waitFor();

for (const [element, needed, english, german] of elements) {
  test(`<${element}> speaks to the API at its "api" attribute`, async () => {
    const { page, state } = await studio.open({
      element,
      base: "/audit-log",
      attributes: { ...needed, api: "/audit-log/" },
    });
    await shows(page, english);
    expect(state.violations).toEqual([]);
  });

  test(`<${element}> is about the organization of its "organization" attribute`, async () => {
    const state = fakeState();
    state.me = { role: "operator", actor: { type: "token", id: "t_1" } };
    const { page } = await studio.open({ element, state, attributes: { ...needed, organization: "acme" } });
    await shows(page, english);
    const asked = state.requests.filter((one) => one !== "GET /v1/me" && !one.includes("/v1/organizations/acme/"));
    expect(asked).toEqual([]);
  });

  test(`<${element}> speaks the language of its "locale" attribute, else the page's`, async () => {
    const { page } = await studio.open({ element, attributes: { ...needed, locale: "de" } });
    await shows(page, german);
    await page.evaluate((name) => document.querySelector(name)?.removeAttribute("locale"), element);
    await shows(page, english);
    expect(await page.getByText(german).count()).toBe(0);
  });

  test(`<${element}> has the colours of its "theme" attribute, else the system's`, async () => {
    const { page } = await studio.open({ element, scheme: "light", attributes: { ...needed, theme: "dark" } });
    await shows(page, english);
    const colour = (): Promise<string> =>
      page.evaluate((name) => getComputedStyle(document.querySelector(name) ?? document.body).color, element);
    expect(await colour()).toBe("rgb(232, 237, 243)");
    await page.evaluate((name) => document.querySelector(name)?.setAttribute("theme", "light"), element);
    await expect.poll(colour, patience).toBe("rgb(19, 28, 38)");
    await page.evaluate((name) => document.querySelector(name)?.setAttribute("theme", "auto"), element);
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(colour, patience).toBe("rgb(232, 237, 243)");
  });

  test(`<${element}> sends its "token" property, and nothing of it stands in the page`, async () => {
    const state = fakeState();
    state.token = "hg_1_secret";
    const { page } = await studio.open({ element, state, attributes: needed });
    await page.evaluate((name) => Object.assign(document.querySelector(name) ?? {}, { token: "hg_1_secret" }), element);
    await shows(page, english);
    expect(await page.content()).not.toContain("hg_1_secret");
  });

  test(`<${element}> asks through its "fetch" property`, async () => {
    const state = fakeState();
    state.token = "from-the-host";
    const { page } = await studio.open({ element, state, attributes: needed });
    await page.evaluate((name) => {
      const own = (url: string, init: RequestInit): Promise<Response> => {
        const headers = new Headers(init.headers);
        headers.set("authorization", "Bearer from-the-host");
        return fetch(url, { ...init, headers });
      };
      Object.assign(document.querySelector(name) ?? {}, { fetch: own });
    }, element);
    await shows(page, english);
    expect(state.violations).toEqual([]);
  });
}

test("an element that is given another stream shows that one", async () => {
  const { page } = await studio.open({ element: "headgate-stream", attributes: { stream: "acme-s3" } });
  await page.getByRole("heading", { name: "Security lake" }).waitFor();
  await page.evaluate(() => document.querySelector("headgate-stream")?.setAttribute("stream", "acme-archive"));
  await page.getByRole("heading", { name: "Archive account" }).waitFor();
  expect(await page.getByText("Security lake").count()).toBe(0);
});

test("custom properties reach into every component", async () => {
  const { page } = await studio.open({ element: "headgate-streams" });
  await shows(page, "Last streamed");
  await page.evaluate(() => {
    const { style } = document.querySelector("headgate-streams") as HTMLElement;
    style.setProperty("--headgate-accent", "rgb(1, 2, 3)");
    style.setProperty("--headgate-radius", "0px");
    style.setProperty("--headgate-font", "serif");
  });
  const button = page.getByRole("button", { name: "Connect a stream" });
  const looks = await button.evaluate((one) => {
    const { backgroundColor, borderRadius, fontFamily } = getComputedStyle(one);
    return [backgroundColor, borderRadius, fontFamily];
  });
  expect(looks).toEqual(["rgb(1, 2, 3)", "0px", "serif"]);
});

test("all components of a page share one live connection, and give it up when they go", async () => {
  const { page, state } = await studio.open({ element: "headgate-streams" });
  await page.evaluate(() => {
    for (const name of ["headgate-banner", "headgate-banner"]) document.body.append(document.createElement(name));
  });
  await page.getByRole("region", { name: "Streams that need attention" }).nth(1).waitFor();
  await expect.poll(() => state.listeners.size, patience).toBe(1);
  await page.evaluate(() => {
    for (const one of document.querySelectorAll("headgate-streams, headgate-banner")) one.remove();
  });
  await expect.poll(() => state.listeners.size, patience).toBe(0);
});

test("what servers and customers write is shown as text, never as markup", async () => {
  const state = fakeState();
  const hostile = '<img src=x onerror="reportError(new Error(1))">';
  state.streams = [
    fakeStream("acme-s3", "blocked", {
      name: hostile,
      health: {
        state: "blocked",
        since: new Date().toISOString(),
        consecutive_failures: 1,
        last_error: { code: "access_denied", message: hostile, hint: hostile },
      },
    }),
  ];
  const { page, complaints } = await studio.open({
    element: "headgate-stream",
    attributes: { stream: "acme-s3" },
    state,
  });
  await page.getByRole("heading", { name: hostile }).waitFor();
  expect(await page.locator("headgate-stream img").count()).toBe(0);
  expect(complaints).toEqual([]);
});
