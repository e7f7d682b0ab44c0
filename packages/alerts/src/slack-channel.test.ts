import { secret } from "@headgate/core";
import { expect, it } from "vitest";
import { slackChannel } from "./slack-channel.ts";
import { notificationOf } from "./testing/notification.ts";
import { receiver } from "./testing/receiver.ts";

const signal = new AbortController().signal;

interface Text {
  readonly text: string;
  readonly verbatim?: boolean;
}

interface Message {
  readonly text: string;
  readonly blocks: readonly { readonly text?: Text; readonly fields?: readonly Text[] }[];
}

async function sent(...about: Parameters<typeof notificationOf>): Promise<Message> {
  await using server = await receiver();
  const url = secret(`${server.url}/services/T0/B0/s3cr3t`);
  const channel = slackChannel({ name: "chat", url, allowInsecureEndpoint: true });
  expect(await channel.notify(notificationOf(...about), { signal })).toEqual({ status: "delivered" });
  return JSON.parse(server.received[0]?.body ?? "") as Message;
}

it("says what is wrong, what to do, since when and what came last", async () => {
  const { text, blocks } = await sent();
  expect(text).toBe('Stream "Lake" of acme is disconnected');
  expect(blocks[0]?.text?.text).toBe(
    ':rotating_light: *Stream "Lake" of acme is disconnected*\nNothing reaches the destination: Busy.\nWait.',
  );
  expect(blocks[1]?.fields?.map((field) => field.text)).toEqual([
    "*Since*\n2026-11-26 09:55:00 UTC",
    "*Last streamed*\n2026-11-26 09:54:00 UTC",
    "*Pending events*\n42",
  ]);
});

it("says of a reminder that it is one, and of a recovery since when", async () => {
  expect((await sent({ type: "reminder" })).text).toBe('Stream "Lake" of acme still is disconnected');
  const recovered = await sent({ type: "recovered" }, { closedAt: Date.parse("2026-11-26T10:20:00Z") });
  expect(recovered.text).toBe('Stream "Lake" of acme delivers again');
  expect(recovered.blocks[1]?.fields?.[1]?.text).toBe("*Until*\n2026-11-26 10:20:00 UTC");
});

it("lets no text become a link, a mention or a format", async () => {
  const streamName =
    "<!channel> <https://evil.example|here> *bold* & _more_ @channel [here](https://evil.example)\n# Big";
  const { text, blocks } = await sent({}, { streamName });
  expect(JSON.stringify([text, blocks])).not.toMatch(/<!channel>|<https|\*bold\*|_more_|& |@channel|\]\(|\\n#/);
  const objects = blocks.flatMap(({ text: one, fields = [] }) => [...(one ? [one] : []), ...fields]);
  expect(objects.map(({ verbatim }) => verbatim)).toEqual(objects.map(() => true));
});

it("is short enough for Slack whatever the texts, and cuts no entity and no character", async () => {
  const { blocks } = await sent(
    {},
    { streamName: "&".repeat(2000), message: "😀".repeat(2000), hint: "x".repeat(2000) },
  );
  const body = blocks[0]?.text?.text ?? "";
  expect(body.length).toBeLessThanOrEqual(3000);
  expect(body).toMatch(/(&amp;)+…\*\n(😀)+…\nx+…$/u);
});

it("does not show its address, which is a secret", async () => {
  const url = secret("https://127.0.0.1/services/T0/B0/s3cr3t");
  expect(() => slackChannel({ name: "chat", url })).toThrow('The alert channel "chat" is not right');
  expect(() => slackChannel({ name: "chat", url })).not.toThrow("s3cr3t");
});
