import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStudio, patience, type Studio } from "../testing/browser.ts";
import { fakeState, type FakeState, push } from "../testing/fake-api.ts";

let studio: Studio;
beforeAll(async () => {
  studio = await openStudio();
});
afterAll(() => studio.close());

const element = "headgate-connect";
/** The body of the last request to such a path; requests for the guide come when they come. */
const bodyOf = (state: FakeState, path: string): unknown =>
  state.bodies.findLast(({ request }) => request.endsWith(path))?.body;
/** The id of what has the focus, in whatever shadow tree. */
const focusedId = (): string => {
  let active: Element | null = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active?.id ?? "";
};
const role = "arn:aws:iam::444455556666:role/headgate";

test("a newcomer connects a bucket by keyboard alone: choice, settings, a wrong role explained, mended, done", async () => {
  const { page, state, complaints } = await studio.open({ element });
  await page.getByRole("button", { name: "Amazon S3" }).focus();
  await page.keyboard.press("Enter");
  const focused = (): Promise<string> =>
    page.evaluate(() => {
      let active: Element | null = document.activeElement;
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
      return active?.textContent?.trim() ?? "";
    });
  await expect.poll(focused, patience).toBe("Set up Amazon S3");
  await page.keyboard.press("Tab");
  await page.keyboard.type("acme-audit-logs");
  await page.keyboard.press("Tab");
  await page.keyboard.type("eu-west-1");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type(`${role}-wrong`);
  await page.getByText("arn:aws:s3:::acme-audit-logs/*").waitFor();
  await page.keyboard.press("Enter");
  await expect.poll(focused, patience).toBe("Verify the connection");
  await page.getByText("Check the role's ARN").waitFor();
  await page.getByText("1 step failed.").waitFor();
  expect(await page.getByRole("button", { name: "Start streaming" }).count()).toBe(0);

  await page.getByRole("button", { name: "Change the settings" }).click();
  await page.getByLabel("Role ARN").fill(role);
  await page.getByRole("button", { name: "Verify the connection" }).click();
  await page.getByText("Every step passed.").waitFor();
  await page.getByLabel("Name of the stream").fill("Security lake 2");
  await page.getByLabel("Everything that is still kept").check();
  await page.getByRole("button", { name: "Start streaming" }).click();
  await page.getByText("Security lake 2 is connected").waitFor();
  await page.getByText("Active", { exact: true }).waitFor();
  expect(state.bodies.findLast(({ request }) => !request.includes("/setup/"))).toEqual({
    request: "POST /v1/organizations/acme/streams",
    body: {
      sink: "s3",
      options: { bucket: "acme-audit-logs", region: "eu-west-1", role_arn: role },
      from: "start",
      name: "Security lake 2",
    },
  });
  await page.getByRole("button", { name: "Open the stream" }).click();
  expect(await page.evaluate("heard")).toEqual([
    ["connected", { stream: "s3-7f3e", organization: "acme" }],
    ["open", { stream: "s3-7f3e", organization: "acme" }],
  ]);
  expect({ complaints, violations: state.violations }).toEqual({ complaints: [], violations: [] });
});

test("steps appear as they end", async () => {
  const state = fakeState();
  const gate = Promise.withResolvers<void>();
  state.waits.set("POST setup/s3/verify after first step", gate.promise);
  const { page } = await studio.open({ element, state });
  await page.getByRole("button", { name: "Amazon S3" }).click();
  await page.getByLabel("Bucket", { exact: true }).fill("acme-audit-logs");
  await page.getByLabel("Region").fill("eu-west-1");
  await page.getByLabel("Role ARN").fill(role);
  await page.getByRole("button", { name: "Verify the connection" }).click();
  await page.getByText("The platform's own identity").waitFor();
  await page.getByText("Verifying…").waitFor();
  expect(await page.getByRole("log").getAttribute("aria-busy")).toBe("true");
  await studio.shot(page, "connect-verifying");
  gate.resolve();
  await page.getByText("Every step passed.").waitFor();
});

test("mistakes are shown at their fields, those of the form at once and the server's when it has looked", async () => {
  const { page, state } = await studio.open({ element });
  await page.getByRole("button", { name: "Amazon S3" }).click();
  await page.getByRole("button", { name: "Verify the connection" }).click();
  await page.getByText("3 fields need your attention.").waitFor();
  const bucket = page.getByLabel("Bucket", { exact: true });
  expect(await bucket.evaluate((one) => one.getRootNode() instanceof ShadowRoot && one.matches(":focus"))).toBe(true);
  await bucket.fill("UPPER");
  await page.getByText("This does not have the expected form.").waitFor();
  await bucket.fill("taken-by-others");
  await page.getByLabel("Region").fill("eu-west-1");
  await page.getByLabel("Role ARN").fill(role);
  await page.getByRole("button", { name: "Verify the connection" }).click();
  await page.getByText("This bucket is streamed to already.").waitFor();
  expect(await bucket.getAttribute("aria-invalid")).toBe("true");
  expect(state.violations).toEqual([]);
});

test("artifacts follow what is typed, and are copied and downloaded", async () => {
  const { page, complaints } = await studio.open({ element });
  await page.getByRole("button", { name: "Amazon S3" }).click();
  await page.getByLabel("Bucket", { exact: true }).fill("my-bucket");
  await page.getByText("Resource: arn:aws:s3:::my-bucket/*").waitFor();
  await page.getByRole("tab", { name: "CloudFormation" }).focus();
  await page.keyboard.press("End");
  expect(await page.getByRole("tab", { name: "Trust policy" }).getAttribute("aria-selected")).toBe("true");
  const panel = page.getByRole("tabpanel");
  await panel.getByRole("button", { name: "Copy" }).click();
  await page.getByText("Trust policy copied to the clipboard").waitFor();
  expect(JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))).toHaveProperty("Statement");
  const download = page.waitForEvent("download");
  await panel.getByRole("button", { name: "trust-policy.json" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("trust-policy.json");
  expect(await readFile(await file.path(), "utf8")).toContain("sts:ExternalId");
  await page.keyboard.press("Tab");
  expect(complaints).toEqual([]);
});

test("a secret is hidden, shown on demand, and goes to the server only to verify and create", async () => {
  const { page, state } = await studio.open({ element });
  await page.getByRole("button", { name: "Splunk" }).click();
  const token = page.getByLabel("Token", { exact: true });
  await token.fill(" wrong ");
  await page.getByLabel("Collector URL").fill("https://hec.acme.example:8088");
  const guided = (): boolean =>
    state.bodies.some(
      ({ request, body }) => request.endsWith("/setup/splunk") && JSON.stringify(body).includes("8088"),
    );
  await expect.poll(guided, patience).toBe(true);
  expect(await token.getAttribute("type")).toBe("password");
  await page.getByRole("button", { name: "Show: Token" }).click();
  expect(await token.getAttribute("type")).toBe("text");
  await page.getByRole("button", { name: "Verify the connection" }).click();
  await page.getByText("Copy the token's value").waitFor();
  // The fake notes a secret in a request for the guide.
  expect(state.violations).toEqual([]);
  expect(bodyOf(state, "/verify")).toEqual({ options: { url: "https://hec.acme.example:8088", token: "wrong" } });
});

test("choices and maps arrive as what they are, and a line that is no pair is told of where it stands", async () => {
  const { page, state } = await studio.open({ element });
  await page.getByRole("button", { name: "Datadog" }).click();
  await page.getByLabel("Site").selectOption({ label: "datadoghq.com" });
  await page.getByLabel("API key", { exact: true }).fill("0123456789abcdef");
  await page.getByText("More options").click();
  await page.getByLabel(/^Tags/).fill("env: prod\n\n team");
  await page.getByText("More options").click();
  await page.getByRole("button", { name: "Verify the connection" }).click();
  // Unfolded again, with the focus on it; and it stays so while it is mended.
  await page.getByText("An example: env: production").waitFor();
  await expect.poll(() => page.evaluate(focusedId), patience).toBe("field-tags");
  await page.keyboard.press("End");
  await page.keyboard.type(" = sec ");
  expect(await page.getByText("An example: env: production").count()).toBe(0);
  expect(await page.evaluate(focusedId)).toBe("field-tags");
  await page.getByRole("button", { name: "Verify the connection" }).click();
  await page.getByText("Every step passed.").waitFor();
  expect(bodyOf(state, "/verify")).toEqual({
    options: { site: "datadoghq.com", api_key: "0123456789abcdef", tags: { env: "prod", team: "sec" } },
  });
});

test("what was typed is there again after a reload, but for the secret, until it is connected", async () => {
  const { page } = await studio.open({ site: "#/acme/connect" });
  await page.getByRole("button", { name: "Splunk" }).click();
  await page.getByLabel("Token", { exact: true }).fill("very-secret");
  await page.getByLabel("Collector URL").fill("https://hec.acme.example:8088");
  await page.reload();
  await page.getByRole("heading", { name: "Set up Splunk" }).waitFor();
  expect(await page.getByLabel("Collector URL").inputValue()).toBe("https://hec.acme.example:8088");
  expect(await page.getByLabel("Token", { exact: true }).inputValue()).toBe("");
  expect(await page.evaluate(() => JSON.stringify([sessionStorage, localStorage]))).not.toContain("very-secret");
  await page.getByLabel("Token", { exact: true }).fill("good");
  await page.getByRole("button", { name: "Verify the connection" }).click();
  await page.getByRole("button", { name: "Start streaming" }).click();
  await page.getByText("Waiting for the first event.").waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Amazon S3" }).waitFor();
});

test("where nothing can be connected, that is said", async () => {
  const { page } = await studio.open({ element, state: { ...fakeState(), sinks: [] } });
  await page.getByText("No destination can be connected here.").waitFor();
  expect(await page.getByText("Loading").count()).toBe(0);
});

test("an existing stream is edited: filled in, secrets kept, saved, verified", async () => {
  const { page, state, complaints } = await studio.open({ element, attributes: { stream: "acme-splunk" } });
  await page.getByText("Edit Splunk Enterprise, Frankfurt").waitFor();
  expect(await page.getByLabel("Collector URL").inputValue()).toBe("https://hec.acme.example:8088");
  await page.getByText("Leave empty to keep the present one.").waitFor();
  await page.getByLabel("Name of the stream").fill("Splunk");
  await page.getByRole("button", { name: "Save and verify" }).click();
  await page.getByText("Splunk is saved").waitFor();
  expect(state.bodies.findLast(({ request }) => !request.includes("/setup/"))).toEqual({
    request: "PATCH /v1/organizations/acme/streams/acme-splunk",
    body: { options: { url: "https://hec.acme.example:8088", index: "audit" }, name: "Splunk" },
  });
  expect({ complaints, violations: state.violations }).toEqual({ complaints: [], violations: [] });
});

test("the first event is told as it arrives", async () => {
  const { page, state } = await studio.open({ element, attributes: { stream: "acme-s3" } });
  await page.getByRole("button", { name: "Save and verify" }).click();
  await page.getByText("Security lake is saved").waitFor();
  await expect.poll(() => state.listeners.size, patience).toBe(1);
  const stream = state.streams[0];
  const { last_streamed: _none, ...silent } = stream ?? {};
  push(state, "streams", { streams: [silent] });
  await page.getByText("Waiting for the first event.").waitFor();
  push(state, "streams", { streams: [stream] });
  await page.getByText(/Events are arriving\. Last streamed/).waitFor();
  expect(await page.getByRole("button", { name: "Connect another" }).count()).toBe(0);
});

test("a verification that breaks off says so, and can be repeated", async () => {
  const state = fakeState();
  state.failures.set("POST /v1/organizations/acme/setup/s3/verify", 503);
  const { page } = await studio.open({ element, state });
  await page.getByRole("button", { name: "Amazon S3" }).click();
  await page.getByLabel("Bucket", { exact: true }).fill("acme-audit-logs");
  await page.getByLabel("Region").fill("eu-west-1");
  await page.getByLabel("Role ARN").fill(role);
  await page.getByRole("button", { name: "Verify the connection" }).click();
  await page.getByText("The store cannot be reached.").waitFor();
  await page.getByRole("button", { name: "Verify again" }).click();
  await page.getByText("Every step passed.").waitFor();
  expect(await page.getByRole("alert").count()).toBe(0);
});

test("a viewer is told that this is not for them", async () => {
  const state = fakeState();
  state.me = { ...state.me, role: "viewer" };
  const { page } = await studio.open({ element, state });
  await page.getByText("You may look at this, but not change it.").waitFor();
  expect(await page.getByRole("button").count()).toBe(0);
});
