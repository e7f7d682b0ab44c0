import { randomBytes } from "node:crypto";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hasChromium, launchChromium, watchedPage } from "./chromium.ts";
import { restClient } from "./rest-client.ts";
import { headgate, startRunner } from "./runner.ts";
import { sharedS3 } from "./s3-server.ts";

interface Stream {
  readonly id: string;
  readonly filter?: unknown;
  readonly privacy?: unknown;
  readonly format?: unknown;
  readonly accepted: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly pending: number;
}

interface Replay {
  readonly objects: number;
  readonly events: number;
}

const acts = (action: string, count: number): readonly object[] =>
  Array.from({ length: count }, (_, i) => ({
    action,
    actor: { type: "user", id: `u_${i}`, name: `Member ${i}` },
    context: { ip: "203.0.113.7" },
  }));

const endpoint = sharedS3("ENDPOINT");

describe.skipIf(!hasChromium || endpoint === undefined)("an owner who minds what leaves", () => {
  it("sees what a filter and a rule make of real events, saves them, and has a range delivered again", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-shape-"));
    const line = {
      folder: folder.path,
      env: {
        AWS_ACCESS_KEY_ID: sharedS3("AUD_ACCESS_KEY_ID") ?? "",
        AWS_SECRET_ACCESS_KEY: sharedS3("AUD_SECRET_ACCESS_KEY") ?? "",
        PSEUDONYM_KEY: randomBytes(32).toString("hex"),
      },
    };
    await using runner = await startRunner(
      {
        store: { kind: "sqlite", path: "headgate.db" },
        http: { listen: "127.0.0.1:0" },
        platform: { aws_principal: "arn:aws:iam::111122223333:user/headgate" },
        pseudonyms: { key: "${env:PSEUDONYM_KEY}" },
        // The S3 server of a test is on loopback.
        allow_insecure_endpoint: true,
      },
      line,
    );
    const words = ["tokens", "create", "-c", "headgate.yaml", "--organization", "acme", "--role", "admin"];
    const token = (await headgate([...words, "--name", "Ada"], line)).trim();
    const acme = restClient(runner.url, token);
    const prefix = `console-${randomBytes(6).toString("hex")}/`;
    const options = {
      bucket: sharedS3("BUCKET"),
      region: sharedS3("REGION"),
      role_arn: sharedS3("ROLE_ARN"),
      endpoint,
      force_path_style: true,
      prefix,
    };
    await acme.create("/streams", { name: "Lake", sink: "s3", options, flush: { max_age_seconds: 1 } });
    await acme.ingest([...acts("user.signed_in", 6), ...acts("token.created", 4)]);
    const [{ id } = { id: "" }] = ((await acme.get("/streams")) as { readonly streams: readonly Stream[] }).streams;
    const before = await acme.until<Stream>(
      `/streams/${id}`,
      ({ accepted, pending }) => accepted >= 10 && pending === 0,
    );
    expect(before).toMatchObject({ delivered: before.accepted, filtered: 0 });

    await using browser = await launchChromium();
    const watched = await watchedPage(browser);
    const { page, complaints } = watched;
    await page.goto(`${runner.url}/#token=${token}`);
    await page
      .getByRole("button", { name: /Lake/ })
      .or(page.getByRole("link", { name: /Lake/ }))
      .first()
      .click();
    await page.getByRole("button", { name: "Edit" }).click();

    // What it sends: no tokens, and people under pseudonyms. The platform's own events of its change are among the last.
    await page.getByRole("button", { name: "Add an entry: Leave these out" }).click();
    await page.keyboard.type("token.*");
    await page.getByText("Left out", { exact: true }).nth(3).waitFor();
    await page.getByRole("button", { name: "Add an entry: Take out or disguise" }).click();
    await page.keyboard.type("actor.name");
    await page.getByLabel("What to do").selectOption({ label: "Pseudonym" });
    await page
      .locator("headgate-shape ins")
      .getByText(/"name": "hmac:/)
      .first()
      .waitFor();
    for (const title of ["OCSF", "ECS", "CEF", "CloudEvents"])
      expect(await page.getByLabel("Format").locator("option", { hasText: title }).count()).toBe(1);
    await watched.picture("20-what-it-sends");
    await page.getByRole("button", { name: "Save and verify" }).click();
    const shaped = await acme.until<Stream>(`/streams/${id}`, ({ filter }) => filter !== undefined);
    expect(shaped).toMatchObject({
      filter: { exclude: [{ action: "token.*" }] },
      privacy: [{ path: "actor.name", method: "hash" }],
    });
    await acme.ingest([...acts("user.signed_in", 3), ...acts("token.created", 2)]);
    await acme.until<Stream>(`/streams/${id}`, ({ filtered, pending }) => filtered === 2 && pending === 0);

    // Once more what has come since, in the same shape: the objects are there, and stay.
    const { events } = (await acme.get("/events?action=user.signed_in&limit=3&order=desc")) as {
      readonly events: readonly { readonly sequence: number }[];
    };
    const first = Math.min(...events.map(({ sequence }) => sequence));
    await page.goto(`${runner.url}/#/acme/streams/${id}`);
    await page.getByText("2 left out by its filter").waitFor();
    await page.getByRole("tab", { name: "Replay" }).click();
    await page.getByLabel("Sequences").check();
    await page.getByLabel("First", { exact: true }).fill(String(first));
    await page.getByLabel("Last", { exact: true }).fill(String(first + 4));
    await page.getByText("5 events of the log are in this range.").waitFor();
    await page.getByRole("button", { name: "Deliver again" }).click();
    await page.getByText("Done", { exact: true }).waitFor();
    await watched.picture("21-replayed");
    const replay = (await acme.get(`/streams/${id}/replay`)) as Replay;
    expect(replay).toMatchObject({
      state: "done",
      range: { first_sequence: first, last_sequence: first + 4 },
      lost: 0,
    });
    expect([replay.objects > 0, replay.events >= 3]).toEqual([true, true]);
    const after = (await acme.get(`/streams/${id}`)) as Stream;
    expect(after.delivered + after.filtered + after.pending).toBe(after.accepted);
    expect(complaints).toEqual([]);
  });
});
