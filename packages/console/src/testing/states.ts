import type { Page } from "playwright-core";
import { type FakeState, fakeState } from "./fake-api.ts";
import { fakeStream } from "./fake-data.ts";
import type { Replay } from "../rest/wire.ts";
import type { OpenOptions } from "./browser.ts";

/** A component in one of its states: how to open it, how to get there, and what to wait for. */
export interface Scene extends OpenOptions {
  readonly name: string;
  reach?(page: Page, state: FakeState): Promise<void>;
  /** A text that stands there once the state is reached. */
  readonly ready: string | RegExp;
}

const role = "arn:aws:iam::444455556666:role/headgate";

function changed(change: (state: FakeState) => void): FakeState {
  const state = fakeState();
  change(state);
  return state;
}

async function chooseS3(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Amazon S3" }).click();
  await page.getByText("Make a role for Headgate").waitFor();
}

async function verifyS3(page: Page, arn: string): Promise<void> {
  await chooseS3(page);
  await page.getByLabel("Bucket", { exact: true }).fill("acme-audit-logs");
  await page.getByLabel("Region").fill("eu-west-1");
  await page.getByLabel("Role ARN").fill(arn);
  await page.getByText("Resource: arn:aws:s3:::acme-audit-logs/*").waitFor();
  await page.getByRole("button", { name: "Verify the connection" }).click();
}

const lossyReplay: Replay = {
  state: "done",
  range: { from: "2026-11-01T08:00:00Z", to: "2026-11-02T08:00:00Z" },
  requested_at: "2026-11-20T09:30:00Z",
  ended_at: "2026-11-20T09:31:12Z",
  objects: 31,
  events: 12_480,
  refused: 1,
  lost: 412,
  lost_ranges: [
    { first_sequence: 10_001, last_sequence: 10_411, reason: "trimmed" },
    { first_sequence: 10_500, last_sequence: 10_500, reason: "settings" },
  ],
};

const never = new Promise<never>(() => undefined);
const streams = "headgate-streams";
const stream = "headgate-stream";
const connect = "headgate-connect";
const events = "headgate-events";

/** Every component in every state that looks different. Each call has servers' states of its own. */
export function scenes(): readonly Scene[] {
  return [
    { name: "streams", element: streams, ready: "Archive account" },
    {
      name: "streams-loading",
      element: streams,
      ready: "Loading…",
      state: changed((state) => state.waits.set("GET /v1/organizations/acme/streams", never)),
    },
    {
      name: "streams-empty",
      element: streams,
      ready: /in three steps/,
      state: changed((state) => (state.streams = [])),
    },
    {
      name: "streams-problem",
      element: streams,
      ready: "The store cannot be reached.",
      state: changed((state) => state.failures.set("GET /v1/organizations/acme/streams", 503)),
    },
    {
      name: "streams-nothing-found",
      element: streams,
      ready: "No stream matches",
      reach: (page) => page.getByLabel("Search streams").fill("zzz"),
    },
    { name: "streams-german", element: streams, attributes: { locale: "de" }, ready: "Zuletzt gestreamt" },
    { name: "banner", element: "headgate-banner", ready: /has been blocked since/ },
    { name: "stream-disconnected", element: stream, attributes: { stream: "acme-splunk" }, ready: "Receipt" },
    { name: "stream-active", element: stream, attributes: { stream: "acme-s3" }, ready: "Receipt" },
    { name: "stream-blocked", element: stream, attributes: { stream: "acme-archive" }, ready: "Receipt" },
    { name: "stream-paused", element: stream, attributes: { stream: "acme-lab" }, ready: "Receipt" },
    {
      name: "stream-new",
      element: stream,
      attributes: { stream: "acme-new" },
      ready: "Nothing has been sent yet.",
      state: changed((state) => (state.deliveries = [])),
    },
    {
      name: "stream-quarantine",
      element: stream,
      attributes: { stream: "acme-s3" },
      ready: "Event 861002",
      reach: (page) => page.getByRole("tab", { name: /Quarantine/ }).click(),
    },
    {
      name: "stream-quarantine-event",
      element: stream,
      attributes: { stream: "acme-s3" },
      ready: /deploy.finished/,
      async reach(page) {
        await page.getByRole("tab", { name: /Quarantine/ }).click();
        await page.getByRole("button", { name: "Show event 861002" }).click();
      },
    },
    {
      name: "stream-alerts",
      element: stream,
      attributes: { stream: "acme-splunk" },
      ready: "security-webhook",
      async reach(page) {
        await page.getByRole("tab", { name: /Alerts/ }).click();
        await page.getByText("Notifications").first().click();
      },
    },
    {
      name: "stream-replay",
      element: stream,
      attributes: { stream: "acme-s3" },
      ready: "250 events of the log are in this range.",
      state: changed((state) => (state.replay = lossyReplay)),
      async reach(page) {
        await page.getByRole("tab", { name: "Replay" }).click();
        await page.getByText("Which could not be delivered again").click();
      },
    },
    {
      name: "stream-replay-mistake",
      element: stream,
      attributes: { stream: "acme-splunk", locale: "de" },
      ready: "Die erste darf nicht nach der letzten kommen.",
      async reach(page) {
        await page.getByRole("tab", { name: "Erneut zustellen" }).click();
        await page.getByLabel("Sequenzen").check();
        await page.getByLabel("Erste", { exact: true }).fill("9");
        await page.getByLabel("Letzte", { exact: true }).fill("7");
      },
    },
    {
      name: "stream-replay-running",
      element: stream,
      attributes: { stream: "acme-archive" },
      ready: "It goes on as soon as the stream delivers again.",
      state: changed((state) => {
        const { ended_at: _ended, ...begun } = lossyReplay;
        state.replay = { ...begun, state: "running", range: {}, events: 120, lost: 0, lost_ranges: [] };
      }),
      reach: (page) => page.getByRole("tab", { name: "Replay" }).click(),
    },
    {
      name: "stream-digest-overdue",
      element: stream,
      attributes: { stream: "acme-s3" },
      ready: /the next is overdue since/,
      state: changed((state) => {
        const [alert] = state.alerts;
        if (alert) state.alerts = [{ ...alert, stream: "acme-s3", kind: "digest_overdue" }];
      }),
    },
    {
      name: "stream-verification",
      element: stream,
      attributes: { stream: "acme-s3" },
      ready: "Could be better",
      reach: (page) => page.getByRole("tab", { name: "Verification" }).click(),
    },
    {
      name: "stream-delete",
      element: stream,
      attributes: { stream: "acme-splunk" },
      ready: "Give up what is pending",
      reach: (page) => page.getByRole("button", { name: "Delete" }).click(),
    },
    {
      name: "stream-viewer",
      element: stream,
      attributes: { stream: "acme-s3" },
      ready: "Receipt",
      state: changed((state) => (state.me = { ...state.me, role: "viewer" })),
    },
    { name: "connect-choose", element: connect, ready: "Where should the audit log go?" },
    { name: "connect-setup", element: connect, ready: "Ready to use", reach: chooseS3 },
    {
      name: "connect-more-options",
      element: connect,
      ready: "KMS key ARN",
      async reach(page) {
        await chooseS3(page);
        await page.getByText("More options").click();
      },
    },
    {
      name: "connect-mistakes",
      element: connect,
      ready: "3 fields need your attention.",
      async reach(page) {
        await chooseS3(page);
        await page.getByRole("button", { name: "Verify the connection" }).click();
      },
    },
    {
      name: "connect-failed",
      element: connect,
      ready: /1 step failed/,
      reach: (page) => verifyS3(page, `${role}-wrong`),
    },
    { name: "connect-verified", element: connect, ready: "Last details", reach: (page) => verifyS3(page, role) },
    {
      name: "connect-done",
      element: connect,
      ready: /Security lake 2 is connected/,
      async reach(page) {
        await verifyS3(page, role);
        await page.getByLabel("Name of the stream").fill("Security lake 2");
        await page.getByRole("button", { name: "Start streaming" }).click();
      },
    },
    {
      name: "connect-splunk",
      element: connect,
      ready: "Make a token",
      reach: (page) => page.getByRole("button", { name: "Splunk" }).click(),
    },
    { name: "connect-edit", element: connect, attributes: { stream: "acme-splunk" }, ready: "Save and verify" },
    {
      name: "connect-edit-shape",
      element: connect,
      attributes: { stream: "acme-splunk" },
      ready: "2 of the last 10 would be left out.",
      async reach(page) {
        await page.getByRole("button", { name: "Add an entry: Leave these out" }).click();
        await page.keyboard.type("token.*");
        await page.getByRole("button", { name: "Add an entry: Take out or disguise" }).click();
        await page.keyboard.type("context.ip");
      },
    },
    {
      name: "connect-edit-shape-mistake",
      element: connect,
      attributes: { stream: "acme-splunk", locale: "de" },
      ready: /führt zu nichts/,
      async reach(page) {
        await page.getByRole("button", { name: "Eintrag hinzufügen: Entfernen" }).click();
        await page.keyboard.type("actor.name.first");
      },
    },
    {
      name: "connect-verified-shape",
      element: connect,
      ready: /^\s*Changed\s*$/,
      async reach(page) {
        await verifyS3(page, role);
        await page.getByText("What it sends").click();
        await page.getByLabel("Format").selectOption({ label: "ECS 9.4" });
      },
    },
    {
      name: "events",
      element: events,
      ready: "user.signed_in",
      state: changed((state) => (state.events = state.events.slice(0, 40))),
    },
    {
      name: "events-detail",
      element: events,
      ready: "Details of event 250",
      reach: (page) => page.getByRole("listitem").first().getByRole("button").click(),
    },
    {
      name: "events-empty",
      element: events,
      ready: "No events match.",
      state: changed((state) => (state.events = [])),
    },
    { name: "site", site: "", ready: "Archive account" },
    { name: "site-stream", site: "#/acme/streams/acme-splunk", ready: "Receipt" },
    {
      name: "site-sign-in",
      site: "",
      ready: "Sign in to Headgate",
      state: changed((state) => (state.token = "hg_1_secret")),
    },
    {
      name: "site-operator",
      site: "",
      ready: "globex-s3",
      state: changed((state) => {
        state.me = { role: "operator", actor: { type: "token", id: "t_1", name: "ops" } };
        state.streams = [...state.streams, fakeStream("globex-s3", "active", { organization: "globex" })];
      }),
    },
  ];
}
