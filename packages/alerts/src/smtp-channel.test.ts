import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { loopbackTls } from "@headgate/sink-testkit";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { describe, expect, it, vi } from "vitest";
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
      // A client that breaks off within the mail has not sent one.
      void taken()
        .catch(() => {})
        .finally(() => done());
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

  it("counts as failed where the server takes it for some receivers only, and is not sent to these again", async () => {
    await using server = await mailServer({
      disabledCommands: ["STARTTLS"],
      onRcptTo: ({ address }, _session, done) =>
        address.startsWith("gone") ? done(Object.assign(new Error("no such user"), { responseCode: 550 })) : done(),
    });
    const to = ["gone@example.com", "security@example.com"];
    const base = { ...envelope, to, host: "127.0.0.1", port: server.port, allowInsecureEndpoint: true };
    expect(await smtpChannel(base).notify(notificationOf(), { signal })).toEqual({
      status: "failed",
      message: "The mail server refused 1 of 2 receivers.",
    });
    expect(server.mails.length).toBe(1);
  });

  it("is broken off when it must end, so that it does not arrive after all", async () => {
    const [stopping, left] = [new AbortController(), Promise.withResolvers<undefined>()];
    await using server = await mailServer({
      disabledCommands: ["STARTTLS"],
      onMailFrom(_address, _session, done) {
        stopping.abort(new Error("stopping"));
        done();
      },
      onClose: () => left.resolve(undefined),
    });
    const channel = smtpChannel({ ...envelope, host: "127.0.0.1", port: server.port, allowInsecureEndpoint: true });
    await expect(channel.notify(notificationOf(), { signal: stopping.signal })).rejects.toThrow("stopping");
    await left.promise;
    expect(server.mails).toEqual([]);
  });

  it("verifies certificates whatever the environment says", async () => {
    const { key, cert } = loopbackTls;
    await using unknown = await mailServer({ secure: true, key, cert });
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    try {
      const channel = smtpChannel({ ...envelope, host: "127.0.0.1", port: unknown.port });
      expect(await channel.notify(notificationOf(), { signal })).toMatchObject({ status: "retry" });
      expect(unknown.mails).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("takes an address alone, and one with a name", () => {
    const to = ["security@example.com", "On call <a+b@xn--bcher-kva.example>", '"Doe, Ada" <ada@example.com>'];
    const channel = smtpChannel({ ...envelope, to, host: "smtp.example.com" });
    expect(channel.name).toBe("mail");
  });

  it.each([
    ["no receiver", { to: [] }],
    ["a line break in an address", { to: ["a@b\r\nc"] }],
    ["no address", { to: ["@"] }],
    ["two addresses in one entry", { to: ["a@example.com, b@example.com"] }],
    ["a group of them", { to: ["us: a@example.com, b@example.com;"] }],
    ["a sender that is none", { from: "Headgate" }],
    ["a password without a username", { password: "s3cr3t" }],
    ["a username without a password", { username: "u" }],
  ])("is not made with %s, and the message holds no secret", (_what, options) => {
    const make = (): unknown => smtpChannel({ ...envelope, host: "smtp.example.com", ...options });
    expect(make).toThrow(
      expect.objectContaining({ code: "config_invalid", message: expect.stringContaining('"mail"') }),
    );
    expect(make).not.toThrow("s3cr3t");
  });
});
