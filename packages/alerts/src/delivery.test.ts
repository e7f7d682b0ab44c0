import { randomBytes } from "node:crypto";
import { type AlertChannel, type AlertDispatch, createHeadgate, type Headgate, memoryStore } from "@headgate/core";
import { memoryDestination, memorySink } from "@headgate/sink-testkit";
import { Webhook } from "standardwebhooks";
import { expect, it, vi } from "vitest";
import { slackChannel } from "./slack-channel.ts";
import { type Received, type Receiver, receiver } from "./testing/receiver.ts";
import { webhookChannel } from "./webhook-channel.ts";

const key = `whsec_${randomBytes(32).toString("base64")}`;

/** Headgate with one stream, whose destination refuses its token: it is blocked as soon as there is an event. */
async function blockedStream(...channels: readonly AlertChannel[]): Promise<Headgate<[ReturnType<typeof memorySink>]>> {
  const headgate = createHeadgate({
    store: memoryStore(),
    sinks: [memorySink(memoryDestination({ token: "another" }))],
    // No jitter: attempts follow each other at once.
    random: () => 0,
    alerts: { channels, auditLog: false, settings: { everyMs: 20 } },
  });
  await headgate.streams.create("acme", { name: "Lake", sink: "memory", options: {}, flush: { maxAgeMs: 0 } });
  await headgate.append("acme", [{ action: "a.b", actor: { type: "user", id: "u" } }]);
  await headgate.start();
  return headgate;
}

/** What became of the alert's notifications, once nothing is on its way any more. */
function settled({ alerts }: Pick<Headgate, "alerts">): Promise<readonly AlertDispatch[]> {
  return vi.waitFor(async () => {
    // There is an alert of the failed verification as well.
    const alert = (await alerts.list()).find(({ kind }) => kind === "blocked");
    const dispatches = await alerts.dispatches(alert?.id ?? "");
    expect(dispatches.map(({ status }) => status)).toEqual(dispatches.map(() => expect.not.stringMatching("pending")));
    expect(dispatches).not.toEqual([]);
    return dispatches;
  }, 30_000);
}

const about = ({ received }: Receiver, text: string): readonly Received[] =>
  received.filter(({ body }) => body.includes(text));

it("a notification reaches a receiver that was down, once and under the id of every attempt", async () => {
  await using server = await receiver();
  server.answer = { status: 503 };
  const url = `${server.url}/hook`;
  await using headgate = await blockedStream(
    webhookChannel({ name: "soc", url, secret: key, allowInsecureEndpoint: true }),
  );
  await server.receivedAll(5);
  server.answer = { status: 204 };
  const [dispatch] = await settled(headgate);
  const attempts = about(server, "stream.blocked");
  expect(dispatch).toMatchObject({ channel: "soc", status: "delivered", attempts: attempts.length });
  expect(attempts.length).toBeGreaterThan(1);
  expect(new Set(attempts.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([dispatch?.notification.id]));
  const last = attempts.at(-1);
  const payload = new Webhook(key).verify(last?.body ?? "", last?.headers as Record<string, string>);
  expect(payload).toMatchObject({ type: "stream.blocked", data: { organization: "acme", stream_name: "Lake" } });
});

it("a receiver that is gone costs one request, and the others nothing", async () => {
  await using gone = await receiver();
  await using chat = await receiver();
  gone.answer = { status: 410 };
  await using headgate = await blockedStream(
    webhookChannel({ name: "soc", url: gone.url, secret: key, allowInsecureEndpoint: true }),
    slackChannel({ name: "chat", url: `${chat.url}/services/s3cr3t`, allowInsecureEndpoint: true }),
  );
  const dispatches = await settled(headgate);
  expect(dispatches.map(({ channel, status, message }) => [channel, status, message])).toEqual([
    ["chat", "delivered", undefined],
    ["soc", "failed", "The receiver answered 410."],
  ]);
  expect([about(gone, "stream.blocked").length, about(chat, "is blocked").length]).toEqual([1, 1]);
  expect(JSON.stringify(dispatches)).not.toContain("s3cr3t");
});
