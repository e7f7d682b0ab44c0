import { existsSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHeadgate, memoryStore } from "@headgate/core";
import { fileSink } from "@headgate/sink-file";
import { s3Sink } from "@headgate/sink-s3";
import axe from "axe-core";
import { chromium, type Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { createApp } from "./app.ts";
import type { Member } from "./sessions.ts";

const executablePath = process.env["HEADGATE_CHROMIUM"] ?? "/usr/bin/chromium";
const available = existsSync(executablePath);
if (!available && process.env["HEADGATE_REQUIRE_SERVICES"] === "1") {
  throw new Error(`There is no ${executablePath}, and HEADGATE_REQUIRE_SERVICES asks for a browser.`);
}

const members: readonly Member[] = [
  { id: "u_ada", name: "Ada", organization: "acme", role: "owner" },
  { id: "u_ben", name: "Ben", organization: "acme", role: "member" },
  { id: "u_cleo", name: "Cleo", organization: "globex", role: "owner" },
];

interface Platform extends AsyncDisposable {
  readonly url: string;
  readonly ids: Readonly<Record<string, string>>;
}

/** The platform, with a stream of each organization. */
async function startPlatform(): Promise<Platform> {
  const folder = await mkdtempDisposable(join(tmpdir(), "headgate-embed-"));
  const headgate = createHeadgate({ store: memoryStore(), sinks: [fileSink(), s3Sink()] });
  const ids: Record<string, string> = {};
  for (const organization of ["acme", "globex"]) {
    const options = { directory: join(folder.path, organization) };
    const stream = { name: `${organization} archive`, sink: "file", options, flush: { maxAgeMs: 50 } } as const;
    ids[organization] = (await headgate.streams.create(organization, stream)).id;
    await headgate.append(organization, [
      { action: "user.login", actor: { type: "user", id: "u_1", name: `Member of ${organization}` } },
    ]);
  }
  const role = { roleArn: "arn:aws:iam::444455556666:role/headgate", externalId: "hg-acme" };
  const lake = { bucket: "acme-audit-logs", region: "eu-west-1", ...role };
  ids["lake"] = (
    await headgate.streams.create("acme", { name: "acme lake", sink: "s3", options: lake, paused: true })
  ).id;
  await headgate.drain();
  const server = createApp(headgate, members).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ids,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await headgate[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Asks the API from within the page: with the session that the page has. */
function askFrom(
  page: Page,
  path: string,
  method = "GET",
): Promise<{ readonly status: number; readonly body: string }> {
  return page.evaluate(
    async ([address, verb]) => {
      const answer = await fetch(address, { method: verb, headers: { "headgate-request": "1" } });
      return { status: answer.status, body: await answer.text() };
    },
    [path, method] as const,
  );
}

describe.skipIf(!available)("the settings page of the example platform", () => {
  it("shows members their own organization's streams, and nothing of another's", async () => {
    await using platform = await startPlatform();
    await using browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    const page = await (await browser.newContext()).newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        complaints.push(message.text());
    });
    const signIn = async (name: string): Promise<void> => {
      await page.goto(platform.url);
      await page.getByRole("button", { name }).click();
      await page.waitForURL(/\/settings\/audit-log$/);
    };

    await signIn("Ada");
    await page.getByText("acme archive").first().waitFor();
    expect(await page.getByText("globex").count()).toBe(0);

    // Languages are served beside the elements.
    const list = page.locator("headgate-streams");
    await list.evaluate((one) => one.setAttribute("locale", "de"));
    await page.getByText("Zuletzt gestreamt").first().waitFor();
    await list.evaluate((one) => one.removeAttribute("locale"));
    await page.getByText("Last streamed").first().waitFor();

    // Her session opens nothing of another organization, and its answers do not say whether there is anything.
    const foreign = await askFrom(page, `/audit-log/v1/organizations/globex/streams/${platform.ids["globex"]}`);
    const invented = await askFrom(page, "/audit-log/v1/organizations/globex/streams/no-such-stream");
    expect([foreign.status, invented.status]).toEqual([404, 404]);
    for (const path of ["/streams", "/events", "/status", "/alerts", "/tokens"]) {
      const answer = await askFrom(page, `/audit-log/v1/organizations/globex${path}`);
      expect([path, answer.status, /archive|Member of/.test(answer.body)]).toEqual([path, 404, false]);
    }
    const within = await askFrom(page, `/audit-log/v1/organizations/acme/streams/${platform.ids["globex"]}`);
    expect([within.status, within.body.includes("globex")]).toEqual([404, false]);

    // A stream opens where it is.
    await page
      .getByRole("link", { name: /acme archive/ })
      .or(page.getByRole("button", { name: /acme archive/ }))
      .first()
      .click();
    await page.getByRole("heading", { name: "acme archive" }).waitFor();
    // The archive is the platform's own: owners look at it, and stop it no more than members.
    expect(await page.getByRole("button", { name: "Pause" }).count()).toBe(0);
    const kept = await askFrom(page, `/audit-log/v1/organizations/acme/streams/${platform.ids["acme"]}/pause`, "POST");
    expect(kept.status).toBe(403);

    // Every way on and back leads somewhere, and takes the focus along.
    const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.id ?? "");
    await page.getByRole("button", { name: "All streams" }).click();
    await expect.poll(focused).toBe("overview");
    await page.getByRole("button", { name: "Connect a stream" }).click();
    await expect.poll(focused).toBe("connect");
    await page.getByRole("button", { name: "Amazon S3" }).click();
    await page.getByLabel("Bucket", { exact: true }).fill("acme-audit-logs");
    await page.getByRole("button", { name: "Back" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect.poll(focused).toBe("overview");
    await page.getByRole("button", { name: /acme lake/ }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByText("Edit acme lake").waitFor();
    await page.getByRole("button", { name: "Back" }).click();
    await page.getByRole("heading", { name: "acme lake" }).waitFor();
    await page.getByRole("button", { name: "All streams" }).click();

    // In its own colours, light and dark.
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(axe.source);
      const faults = await page.evaluate(async () => {
        const { axe: tool } = globalThis as unknown as { axe: typeof axe };
        return (await tool.run(document)).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
      });
      expect([colorScheme, faults]).toEqual([colorScheme, []]);
    }
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(platform.url + "/");
    expect((await askFrom(page, "/audit-log/v1/me")).status).toBe(401);

    await signIn("Cleo");
    await page.getByText("globex archive").first().waitFor();
    expect(await page.getByText("acme archive").count()).toBe(0);

    // Ben may look, and that is all.
    await signIn("Ben");
    await page.getByText("acme archive").first().waitFor();
    expect(await page.getByRole("button", { name: "Connect a stream" }).count()).toBe(0);
    const pause = await askFrom(
      page,
      `/audit-log/v1/organizations/acme/streams/${platform.ids["acme"]}/resume`,
      "POST",
    );
    expect(pause.status).toBe(403);

    expect(complaints).toEqual([]);
  });

  it("takes no orders from other sites' pages", async () => {
    await using platform = await startPlatform();
    const entry = await fetch(`${platform.url}/sign-in`, {
      method: "POST",
      body: new URLSearchParams({ member: "u_ada" }),
      redirect: "manual",
    });
    const cookie = entry.headers.get("set-cookie")?.split(";")[0] ?? "";
    const path = `/audit-log/v1/organizations/acme/streams/${platform.ids["lake"]}/pause`;
    const forged = { cookie, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const refused = await fetch(platform.url + path, { method: "POST", headers: forged });
    expect(refused.status).toBe(403);
    const asked = await fetch(platform.url + path, { method: "POST", headers: { cookie, "headgate-request": "1" } });
    expect(asked.status).toBe(200);
  });
});
