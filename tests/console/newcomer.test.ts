import { randomBytes } from "node:crypto";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hasChromium, launchChromium, watchedPage } from "./chromium.ts";
import { restClient } from "./rest-client.ts";
import { headgate, startRunner } from "./runner.ts";
import { rgwUp, startRealS3 } from "./s3-server.ts";
import { startStrictFront } from "./strict-front.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";

const caller = "arn:aws:iam::111122223333:user/headgate";

/** What people do in the platform meanwhile. */
const logins = (from: number, count: number): readonly object[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `login-${from + i}`,
    action: "user.signed_in",
    actor: { type: "user", id: `u_${(from + i) % 7}`, name: `Member ${(from + i) % 7}` },
    targets: [{ type: "application", id: "portal", name: "Customer portal" }],
    context: { ip: "203.0.113.7" },
  }));

interface Stream {
  readonly id: string;
  readonly health: { readonly state: string };
  readonly accepted: number;
  readonly delivered: number;
  readonly quarantined: number;
  readonly pending: number;
  readonly last_streamed?: { readonly sequence: number; readonly at: string };
}

interface Delivery {
  readonly status: string;
}

interface Report {
  readonly first_sequence: number;
  readonly last_sequence: number;
}

describe.skipIf(!hasChromium || rgwUp === undefined)("a newcomer with a browser, a bucket and a bad day", () => {
  it(
    "connects, mends what is wrong, sees events flow, an outage told and nothing lost",
    { timeout: 240_000 },
    async () => {
      await using s3 = await startRealS3(rgwUp ?? "");
      await using front = await startStrictFront(s3.variable("ENDPOINT"), caller);
      await using hook = await startWebhookReceiver(randomBytes(32));
      await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-console-"));
      const line = {
        folder: folder.path,
        env: {
          AWS_ACCESS_KEY_ID: s3.variable("AUD_ACCESS_KEY_ID"),
          AWS_SECRET_ACCESS_KEY: s3.variable("AUD_SECRET_ACCESS_KEY"),
          WEBHOOK_SECRET: hook.secret,
        },
      };
      await using runner = await startRunner(
        {
          store: { kind: "sqlite", path: "headgate.db" },
          http: { listen: "127.0.0.1:0" },
          platform: { aws_principal: caller },
          // The S3 server of a test is on loopback.
          allow_insecure_endpoint: true,
          // An hour's patience in seconds.
          delivery: { retry_base: "100ms", retry_cap: "2s", blocked_probe: "500ms", disconnect_after: "3s" },
          alerts: {
            every: "500ms",
            quiet: "1s",
            channels: [
              {
                kind: "webhook",
                name: "on-call",
                url: hook.url,
                secret: "${env:WEBHOOK_SECRET}",
                allow_insecure_endpoint: true,
              },
            ],
          },
        },
        line,
      );
      const mint = async (role: string, name: string): Promise<string> => {
        const args = [
          "tokens",
          "create",
          "-c",
          "headgate.yaml",
          "--organization",
          "acme",
          "--role",
          role,
          "--name",
          name,
        ];
        return (await headgate(args, line)).trim();
      };
      const adminToken = await mint("admin", "Ada");
      const platform = restClient(runner.url, await mint("ingest", "platform"));
      const acme = restClient(runner.url, adminToken);

      await using browser = await launchChromium();
      const watched = await watchedPage(browser);
      const { page, complaints } = watched;
      const picture = (name: string): Promise<void> => watched.picture(name);

      // Signs in.
      await page.goto(runner.url);
      await page.getByLabel("API token").fill(adminToken);
      await picture("01-sign-in");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText("Send your audit log where your security team works").waitFor();
      await picture("02-no-streams-yet");

      // Chooses S3 and fills in the form; the policies follow what is typed.
      await page.getByRole("button", { name: "Connect a stream" }).first().click();
      await page.getByText("Where should the audit log go?").waitFor();
      await picture("03-choose");
      await page
        .getByRole("button", { name: /Amazon S3/ })
        .or(page.getByRole("radio", { name: /Amazon S3/ }))
        .click();
      const field = (label: RegExp): ReturnType<typeof page.getByLabel> => page.getByLabel(label);
      await field(/^Bucket/).fill(s3.variable("BUCKET"));
      await field(/^Region/).fill(s3.variable("REGION"));
      await field(/^Prefix/).fill("acme/");
      await field(/^Role/).fill("arn:aws:iam:::role/typing-mistake");
      await page.getByText(`Use ${s3.variable("BUCKET")} in ${s3.variable("REGION")}`).waitFor();
      await picture("04-set-up");
      const more = page.getByText("More options");
      if (await more.isVisible()) await more.click();
      await field(/^Endpoint/).fill(front.url);
      await field(/path/i).check();
      await page.getByText(`Use ${s3.variable("BUCKET")} on ${front.url}`).waitFor();
      await picture("05-set-up-of-a-server");

      // A wrong role.
      await page.getByRole("button", { name: "Verify the connection" }).click();
      await page.getByText(/steps? failed/).waitFor();
      await picture("06-wrong-role");

      // The right role, whose trust policy asks for another external id.
      const { external_id: externalId } = (await acme.get("/setup")) as { readonly external_id: string };
      const roleArn = s3.variable("ROLE_ARN");
      front.trust.set(roleArn, "copied-from-elsewhere");
      await page.getByRole("button", { name: "Change the settings" }).click();
      await field(/^Role/).fill(roleArn);
      await page.getByRole("button", { name: "Verify the connection" }).click();
      await page.getByText(/steps? failed/).waitFor();
      await picture("07-wrong-external-id");

      // The customer mends the trust policy.
      front.trust.set(roleArn, externalId);
      await page.getByRole("button", { name: "Verify again" }).click();
      await page.getByText("Every step passed.").waitFor();
      await picture("08-verified");
      await page.getByLabel("Name of the stream").fill("Security bucket");
      await page.getByRole("button", { name: "Start streaming" }).click();
      await page.getByText("Security bucket is connected").waitFor();

      // Events flow. Nobody waits five minutes here until a window is full.
      const [{ id } = { id: "" }] = ((await acme.get("/streams")) as { readonly streams: readonly Stream[] }).streams;
      const stream = `/streams/${id}`;
      await acme.change(stream, { flush: { max_age_seconds: 1 } });
      await platform.ingest(logins(0, 40));
      await page.getByText("Events are arriving.").waitFor();
      await picture("09-connected");
      const before = await acme.until<Stream>(
        stream,
        ({ health, pending }) => health.state === "active" && pending === 0,
      );
      await page.getByRole("button", { name: "Open the stream" }).click();
      await page.getByRole("heading", { name: "Security bucket" }).waitFor();
      await page.getByRole("tab", { name: "Deliveries" }).waitFor();
      await picture("10-monitor");
      await page.getByRole("link", { name: "Audit log" }).click();
      await page.getByText("user.signed_in").first().waitFor();
      await picture("11-audit-log");
      await page.goBack();
      await page.getByRole("tab", { name: "Deliveries" }).waitFor();

      // The customer's server is gone, while people go on working.
      await s3.stop();
      await platform.ingest(logins(40, 25));
      const opened = await hook.received("stream.disconnected");
      const told = await acme.until<Stream>(stream, ({ health }) => health.state === "disconnected");
      expect(opened.data).toMatchObject({
        stream: id,
        stream_name: "Security bucket",
        last_streamed: { sequence: told.last_streamed?.sequence, at: told.last_streamed?.at },
      });
      expect(told.last_streamed?.sequence).toBeGreaterThanOrEqual(before.last_streamed?.sequence ?? Number.NaN);
      await page.getByText("Disconnected").first().waitFor();
      await picture("12-outage");
      await page.getByRole("link", { name: "Streams", exact: true }).click();
      const banner = page.getByRole("region").getByText(/Security bucket has been disconnected since/);
      await banner.waitFor();
      await page.getByText("Last streamed event:").waitFor();
      await picture("13-banner");

      // It is back.
      await s3.start();
      await hook.received("stream.recovered");
      await banner.waitFor({ state: "hidden" });
      const end = await acme.until<Stream>(stream, ({ health, pending }) => health.state === "active" && pending === 0);
      await picture("14-recovered");
      await page
        .getByRole("link", { name: /Security bucket/ })
        .or(page.getByRole("button", { name: /Security bucket/ }))
        .first()
        .click();
      await page.getByRole("tab", { name: "Deliveries" }).waitFor();
      await picture("15-gap-closed");
      await page.getByRole("tab", { name: "Alerts" }).click();
      await page.getByText("Closed").first().waitFor();
      await picture("16-alerts");

      // The history shows the gap, and how it closed.
      const history = (await acme.get(`${stream}/deliveries?limit=200`)) as {
        readonly deliveries: readonly Delivery[];
      };
      const outcomes = history.deliveries.map(({ status }) => status).toReversed();
      const failures = outcomes.indexOf("retry");
      expect(failures).toBeGreaterThan(0);
      expect([outcomes[failures - 1], outcomes.at(-1)]).toEqual(["delivered", "delivered"]);

      // Nothing is lost: every sequence from the first to the last is in the bucket, once.
      expect(end).toMatchObject({ pending: 0, quarantined: 0, delivered: end.accepted });
      const place = `s3://${s3.variable("BUCKET")}/acme/`;
      const where = ["--endpoint", s3.variable("ENDPOINT"), "--region", s3.variable("REGION"), "--force-path-style"];
      const reader = {
        folder: folder.path,
        env: {
          AWS_ACCESS_KEY_ID: s3.variable("ADMIN_ACCESS_KEY_ID"),
          AWS_SECRET_ACCESS_KEY: s3.variable("ADMIN_SECRET_ACCESS_KEY"),
        },
      };
      const report = JSON.parse(await headgate(["audit", place, ...where, "--json"], reader)) as Report;
      expect(report).toMatchObject({ complete: true, events: end.delivered });
      const { events } = (await acme.get("/events?action=user.signed_in&limit=1000")) as {
        readonly events: readonly { readonly sequence: number }[];
      };
      expect(events).toHaveLength(65);
      const outside = events.filter(
        ({ sequence }) => sequence < report.first_sequence || sequence > report.last_sequence,
      );
      expect(outside).toEqual([]);
      expect(hook.forged).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );
});
