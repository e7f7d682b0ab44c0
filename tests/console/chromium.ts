import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const executablePath = process.env["HEADGATE_CHROMIUM"] ?? "/usr/bin/chromium";

/** Whether there is a browser to test with. */
export const hasChromium: boolean = existsSync(executablePath);
if (!hasChromium && process.env["HEADGATE_REQUIRE_SERVICES"] === "1") {
  throw new Error(`There is no ${executablePath}, and HEADGATE_REQUIRE_SERVICES asks for a browser.`);
}

/** Starts the browser. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

const root = dirname(dirname(import.meta.dirname));
const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;

/** A page, with what went wrong in it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts and violations of the content security policy. */
  readonly complaints: readonly string[];
  /** Keeps a picture at each size under `.artifacts/console/e2e`. */
  picture(name: string): Promise<void>;
}

/** Opens a page and listens to its complaints. */
export async function watchedPage(browser: Browser): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: sizes.desktop, locale: "en", timezoneId: "UTC" });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // Of requests that were refused on purpose the browser speaks too.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      complaints.push(message.text());
  });
  return {
    page,
    complaints,
    async picture(name) {
      const folder = join(root, ".artifacts", "console", "e2e");
      await mkdir(folder, { recursive: true });
      for (const [size, viewport] of Object.entries(sizes)) {
        await page.setViewportSize(viewport);
        // What sticks to the top of the window belongs at the top of the picture.
        await page.evaluate(() => scrollTo(0, 0));
        await page.screenshot({ path: join(folder, `${name}-${size}.png`), fullPage: true, animations: "disabled" });
      }
      await page.setViewportSize(sizes.desktop);
    },
  };
}
