import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { loopbackTls } from "@headgate/sink-testkit";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { describe, expect, it } from "vitest";
import { smtpChannel } from "./smtp-channel.ts";
import { notificationOf } from "./testing/notification.ts";

const signal = new AbortController().signal;
const envelope = { name: "mail", from: "Headgate <audit@example.com>", to: ["security@example.com"] };

interface MailServer extends AsyncDisposable {
  readonly port: number;
  readonly mails: { readonly secure: boolean; readonly text: string }[];
}

async function mailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: MailServer["mails"][number][] = [];
  const server = new SMTPServer({
    authOptional: true,
    onData(stream, session, done) {
      const taken = async (): Promise<void> => {
        mails.push({ secure: session.secure, text: await text(stream) });
      };
      void taken().finally(() => done());
    },
    ...options,
  });
  // Clients that break off while TLS is agreed on are not this server's concern.
  server.on("error", () => {});
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

/** Headers unfolded and in clear: RFC 5322, 2.2.3, and RFC 2047. */
function decoded(mail: string): string {
  return mail
    .replaceAll(/\r\n[ \t]/g, " ")
    .replaceAll(/\?= =\?UTF-8\?Q\?/g, "")
    .replaceAll(/=\?UTF-8\?Q\?(.*?)\?=/g, (_whole, words: string) =>
      decodeURIComponent(words.replaceAll("_", " ").replaceAll("%", "%25").replaceAll("=", "%")),
    );
}

describe("an e-mail", () => {
  it("says in its subject what is wrong, and below what to do", async () => {
    await using server = await mailServer({ disabledCommands: ["STARTTLS"] });
    const channel = smtpChannel({ ...envelope, host: "127.0.0.1", port: server.port, allowInsecureEndpoint: true });
    expect(await channel.notify(notificationOf(), { signal })).toEqual({ status: "delivered" });
    const mail = decoded(server.mails[0]?.text ?? "");
    expect(mail).toContain('Subject: [Critical] Stream "Lake" of acme is disconnected');
    expect(mail).toContain("Message-ID: <01981f2e-7c1a-7f3e-9a51-3d0c5f1b2a77@alerts.headgate>");
    expect(mail).toMatch(
      /Nothing reaches the destination: Busy\.\s+Wait\.\s+Since: 2026-11-26 09:55:00 UTC\s+Last streamed: /,
    );
  });

  it("cannot get a header from a stream's name", async () => {
    await using server = await mailServer({ disabledCommands: ["STARTTLS"] });
    const channel = smtpChannel({ ...envelope, host: "127.0.0.1", port: server.port, allowInsecureEndpoint: true });
    await channel.notify(notificationOf({}, { streamName: "x\r\nBcc: evil@example.com\r\n\r\nHello" }), { signal });
    const [head = ""] = (server.mails[0]?.text ?? "").split("\r\n\r\n");
    expect(head).toMatch(/^Subject: .*Critical/m);
    expect(head).not.toMatch(/^Bcc:/m);
  });

  it("goes over TLS, from the first byte or by STARTTLS, to a server that is known", async () => {
    const { key, cert, ca } = loopbackTls;
    await using implicit = await mailServer({ secure: true, key, cert });
    await using upgraded = await mailServer({ key, cert });
    for (const [server, tls] of [
      [implicit, "implicit"],
      [upgraded, "starttls"],
    ] as const) {
      const channel = smtpChannel({ ...envelope, host: "127.0.0.1", port: server.port, tls, ca });
      expect(await channel.notify(notificationOf(), { signal })).toEqual({ status: "delivered" });
      expect(server.mails.map(({ secure }) => secure)).toEqual([true]);
    }
  });

  it("is not sent to a server that nobody vouches for, or that offers no TLS", async () => {
    const { key, cert } = loopbackTls;
    await using unknown = await mailServer({ secure: true, key, cert });
    await using plain = await mailServer({ disabledCommands: ["STARTTLS"] });
    const results = await Promise.all([
      smtpChannel({ ...envelope, host: "127.0.0.1", port: unknown.port }).notify(notificationOf(), { signal }),
      smtpChannel({ ...envelope, host: "127.0.0.1", port: plain.port, tls: "starttls" }).notify(notificationOf(), {
        signal,
      }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["retry", "retry"]);
    expect([...unknown.mails, ...plain.mails]).toEqual([]);
  });

  it("is given up where the server refuses it for good, and the password is not shown", async () => {
    await using server = await mailServer({
      disabledCommands: ["STARTTLS"],
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error("no such user"), { responseCode: 550 })),
    });
    const channel = smtpChannel({ ...envelope, host: "127.0.0.1", port: server.port, allowInsecureEndpoint: true });
    expect(await channel.notify(notificationOf(), { signal })).toEqual({
      status: "failed",
      message: "The mail server answered 550.",
    });
  });

  it("is tried again where the password is refused, or nobody answers", async () => {
    await using server = await mailServer({
      authOptional: false,
      disabledCommands: ["STARTTLS"],
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(new Error("wrong")),
    });
    const base = { ...envelope, host: "127.0.0.1", allowInsecureEndpoint: true };
    const refused = smtpChannel({ ...base, port: server.port, username: "u", password: "s3cr3t" });
    const results = [
      await refused.notify(notificationOf(), { signal }),
      await smtpChannel({ ...base, port: 9 }).notify(notificationOf(), { signal }),
    ];
    expect(results.map(({ status }) => status)).toEqual(["retry", "retry"]);
    expect(JSON.stringify(results)).not.toContain("s3cr3t");
  });

  it("needs addresses that are some", () => {
    const make = (): unknown => smtpChannel({ ...envelope, host: "smtp.example.com", to: ["a@b\r\nc"] });
    expect(make).toThrow(expect.objectContaining({ code: "config_invalid" }));
  });
});
