// @ts-nocheck
import { expect, test } from "vitest";
import { chromium } from "playwright-core";
import { createWorld } from "../../api/src/testing/world.ts";
import { s3Sink } from "../../sink-s3/src/index.ts";
import { splunkSink } from "../../sink-splunk/src/index.ts";
import { datadogSink } from "../../sink-datadog/src/index.ts";
import { getRequestListener } from "../../runner/node_modules/@hono/node-server/dist/index.mjs";
import { createServer } from "node:http";
import { siteFiles, siteHeaders } from "./site.ts";

test("real", async () => {
  await using world = createWorld({ sinks: [s3Sink({ platformPrincipal: "arn:aws:iam::111122223333:role/headgate" }), splunkSink(), datadogSink()] });
  const token = await world.token("admin", "acme");
  for (let i = 0; i < 3; i++) await world.ask("POST", "/v1/organizations/acme/events", { token, body: Array.from({length: 50}, (_, k) => ({ action: "user.login", actor: { type: "user", id: "u_1" } })) });
  const files = siteFiles();
  const requests = [];
  const server = createServer(getRequestListener(async (request) => {
    const { pathname: path, search } = new URL(request.url);
    const f = files.get(path === "/" ? "index.html" : path.slice(1));
    if (f) return new Response(f.body, { headers: { ...siteHeaders, "content-type": f.contentType } });
    const r = await world.api.fetch(request);
    requests.push(`${request.method} ${path}${search} ${r.status}`);
    return r;
  }));
  await new Promise((r) => server.listen(0, "127.0.0.1", r));
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(8000);
  const errors = [];
  page.on("console", (m) => m.type() === "error" && errors.push(m.text()));
  page.on("pageerror", (e) => errors.push(e.message));
  try {
    await page.goto(`http://127.0.0.1:${server.address().port}/#token=${token}`);
    await page.getByRole("button", { name: "Connect a stream" }).click();
    await page.waitForTimeout(500);
    for (const sink of ["Splunk", "Datadog", "Amazon S3"]) {
      await page.getByRole("button", { name: sink }).click();
      await page.getByText("More options").click();
      await page.waitForTimeout(800);
      await page.screenshot({ path: `/tmp/h5/real-${sink}.png`, fullPage: true });
      if (sink !== "Amazon S3") await page.getByRole("button", { name: "Back" }).click();
    }
    await page.getByLabel("Bucket", { exact: true }).fill("acme-audit-logs");
    await page.getByLabel("Region").fill("eu-west-1");
    await page.getByLabel("Role ARN").fill("arn:aws:iam::444455556666:role/headgate");
    await page.getByRole("button", { name: "Verify the connection" }).click();
    await page.waitForTimeout(6000);
    await page.screenshot({ path: "/tmp/h5/real-verify.png", fullPage: true });
    await page.getByRole("link", { name: "Audit log" }).click();
    await page.waitForTimeout(1000);
    await page.screenshot({ path: "/tmp/h5/real-events.png" });
  } finally {
    console.log(requests.join("\n"), "\nERRORS", errors.join("\n"));
    await browser.close(); server.closeAllConnections(); server.close();
  }
  expect(1).toBe(1);
}, 60000);
