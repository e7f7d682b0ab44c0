import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { siteFiles, siteHeaders } from "./site.ts";
import { bundle, gzipped } from "./testing/browser.ts";

test("the elements stay under 58.5 kB on their way to the browser, a further language under 34 kB", async () => {
  const scripts = await bundle();
  expect([...scripts.keys()].sort()).toEqual(["elements.js", "german.js"]);
  const size = gzipped(scripts.get("elements.js") ?? "");
  expect(size).toBeGreaterThan(20_000);
  expect(size).toBeLessThan(58_500);
  expect(gzipped(scripts.get("german.js") ?? "")).toBeLessThan(34_000);
});

test("the site's page runs no script of its own and asks nobody else", async () => {
  const page = await readFile(new URL("../site/index.html", import.meta.url), "utf8");
  expect(page.replaceAll(/<script type="module" src="elements.js"><\/script>/g, "")).not.toContain("<script");
  expect(page).not.toMatch(/ style=| on[a-z]+=|https?:\/\//);
});

test("the policy allows nothing inline and no frames", () => {
  const policy = siteHeaders["content-security-policy"] ?? "";
  expect(policy).not.toContain("unsafe");
  for (const directive of ["default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
    expect(policy.split("; ")).toContain(directive);
});

test("the built site has every file that its page names, with type and mark", () => {
  const files = siteFiles();
  expect([...files.keys()].sort()).toEqual(["console.css", "elements.js", "favicon.svg", "german.js", "index.html"]);
  const page = new TextDecoder().decode(files.get("index.html")?.body);
  for (const [, name] of page.matchAll(/(?:src|href)="([^"]+)"/g)) expect([...files.keys()]).toContain(name);
  for (const { etag, contentType } of files.values()) {
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    expect(contentType).toMatch(/^(text|image)\//);
  }
});

test("the README's way to serve it does: files, marks, and nothing else", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const fence = /```js\n(import \{ siteFiles[\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const here = new URL("./site.ts", import.meta.url).href;
  const source = fence.replace('"@headgate/console/site"', JSON.stringify(here));
  const { serveConsole } = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as {
    serveConsole(this: void, request: Request): Response;
  };
  const first = serveConsole(new Request("http://localhost/"));
  expect(await first.text()).toContain("<headgate-console");
  expect(first.headers.get("content-security-policy")).toBe(siteHeaders["content-security-policy"]);
  const etag = first.headers.get("etag") ?? "";
  expect(serveConsole(new Request("http://localhost/", { headers: { "if-none-match": etag } })).status).toBe(304);
  expect(serveConsole(new Request("http://localhost/../package.json")).status).toBe(404);
});
