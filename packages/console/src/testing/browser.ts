import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { mkdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { siteHeaders } from "../site.ts";
import { answerFake, type FakeState, fakeState } from "./fake-api.ts";

/** A page as one component sees it, with what went wrong in it. */
export interface Opened {
  readonly page: Page;
  readonly state: FakeState;
  /** Console errors, uncaught errors and policy violations. */
  readonly complaints: string[];
  readonly origin: string;
}

/** How long tests wait for what a page comes to: machines are slow at times. */
export const patience = { timeout: 30_000 } as const;

/** How a page is opened. */
export interface OpenOptions {
  readonly element?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly state?: FakeState;
  readonly scheme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
  /** The site itself, at this fragment, instead of an element on a page. */
  readonly site?: string;
  /** Where the fake API is mounted. */
  readonly base?: string;
  readonly locale?: string;
}

/** A browser, and servers that carry the bundle and a fake API under the site's strict policy. */
export interface Studio {
  open(options: OpenOptions): Promise<Opened>;
  shot(page: Page, name: string): Promise<void>;
  close(): Promise<void>;
}

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const shots = folder("../../../../.artifacts/console/");

/** The bundle as it is built, of the present source: its files by their names. */
export async function bundle(): Promise<ReadonlyMap<string, string>> {
  // esbuild comes with tsup, which builds the package.
  const require = createRequire(import.meta.url);
  const { build } = createRequire(require.resolve("tsup"))("esbuild") as {
    build(this: void, options: object): Promise<{ outputFiles: { path: string; text: string }[] }>;
  };
  const { outputFiles } = await build({
    entryPoints: [folder("../elements.ts")],
    bundle: true,
    splitting: true,
    chunkNames: "[name]",
    outdir: "/",
    minify: true,
    write: false,
    format: "esm",
    target: "es2023",
    platform: "browser",
    legalComments: "none",
  });
  return new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
}

/** How large a script is on its way to the browser. */
export function gzipped(text: string): number {
  return gzipSync(text, { level: 9 }).length;
}

/** Starts a browser. `HEADGATE_CHROMIUM` names another executable. */
export async function openStudio(): Promise<Studio> {
  const scripts = await bundle();
  const browser: Browser = await chromium.launch({
    executablePath: process.env["HEADGATE_CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const servers: Server[] = [];
  const contexts: BrowserContext[] = [];
  const states: FakeState[] = [];
  await mkdir(shots, { recursive: true });

  async function serve(state: FakeState, base: string): Promise<string> {
    const site = new Map<string, readonly [string, string | Buffer]>([
      ...[...scripts].map(([name, text]) => [`/${name}`, ["text/javascript", text]] as const),
      ["/", ["text/html", await readFile(folder("../../site/index.html"))]],
      ["/console.css", ["text/css", await readFile(folder("../../site/console.css"))]],
      ["/favicon.svg", ["image/svg+xml", await readFile(folder("../../site/favicon.svg"))]],
      // A host's page: the components alone.
      [
        "/page",
        [
          "text/html",
          '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Settings</title><link rel="icon" href="favicon.svg"><link rel="stylesheet" href="page.css"><script type="module" src="elements.js"></script><main><h1>Settings</h1><div id="place"></div></main></html>',
        ],
      ],
      [
        "/page.css",
        [
          "text/css",
          ":root{color-scheme:light dark;background:light-dark(#f5f7f9,#0c1116);color:light-dark(#131c26,#e8edf3)}body{margin:0}main{max-width:70rem;margin:0 auto;padding:24px 20px}h1{font:600 13px system-ui;margin:0 0 16px}@media(max-width:500px){main{padding:16px}}",
        ],
      ],
    ]);
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://fake").pathname;
      const file = site.get(path);
      if (file) {
        response.writeHead(200, { ...siteHeaders, "content-type": file[0] }).end(file[1]);
        return;
      }
      if (path.startsWith(`${base}/v1/`)) {
        answerFake(state, request, response, base).catch((error: unknown) => {
          state.violations.push(String(error));
          response.destroy();
        });
        return;
      }
      state.violations.push(`no such file: ${path}`);
      response.writeHead(404).end();
    });
    servers.push(server);
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  return {
    async open(options) {
      const {
        state = fakeState(),
        base = "",
        element,
        attributes = {},
        scheme = "light",
        width = 1280,
        height = 900,
      } = options;
      states.push(state);
      const origin = await serve(state, base);
      const context = await browser.newContext({
        colorScheme: scheme,
        viewport: { width, height },
        locale: options.locale ?? "en-GB",
        timezoneId: "UTC",
        reducedMotion: "reduce",
        permissions: ["clipboard-read", "clipboard-write"],
        acceptDownloads: true,
      });
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(patience.timeout);
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
      page.on("console", (message) => {
        // A refused request is told by the browser itself; the components show it.
        if (message.type() === "error" && !/Failed to load resource|ERR_INCOMPLETE_CHUNKED/.test(message.text()))
          complaints.push(`console: ${message.text()}`);
      });
      await page.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (event) =>
          reportError(new Error(`policy: ${event.violatedDirective} ${event.blockedURI}`)),
        );
      });
      await page.goto(options.site === undefined ? `${origin}/page` : `${origin}/${options.site}`);
      if (element !== undefined)
        await page.evaluate(
          ([name, given]) => {
            const heard: unknown[] = [];
            Object.assign(globalThis, { heard });
            for (const type of [
              "open",
              "connect",
              "connected",
              "cancelled",
              "edit",
              "deleted",
              "list",
              "unauthenticated",
            ])
              document.addEventListener(`headgate-${type}`, (event) => {
                heard.push([type, (event as CustomEvent).detail]);
              });
            const one = document.createElement(name);
            for (const [key, value] of Object.entries(given)) one.setAttribute(key, value);
            document.querySelector("#place")?.append(one);
          },
          [element, attributes] as const,
        );
      return { page, state, complaints, origin };
    },
    async shot(page, name) {
      await page.screenshot({ path: `${shots}${name}.png`, fullPage: true, animations: "disabled" });
    },
    async close() {
      await Promise.all(contexts.map((context) => context.close()));
      await browser.close();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      // Whatever a test was about: no request may be one that the API would not take.
      const violations = states.flatMap((state) => state.violations);
      if (violations.length > 0) throw new Error(`requests that the API would refuse: ${violations.join("; ")}`);
    },
  };
}
