import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { secret } from "@headgate/core";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { notificationOf } from "./testing/notification.ts";
import { type Received, receiver } from "./testing/receiver.ts";
import { webhookChannel } from "./webhook-channel.ts";

const signal = new AbortController().signal;
const key = `whsec_${randomBytes(32).toString("base64")}`;
const sound = { url: "https://hooks.example.com", secret: key };
const insecure = { allowInsecureEndpoint: true } as const;

/** Verifies as a receiver would, by the specification's own library. */
function verified({ body, headers }: Received, secretKey = key): unknown {
  return new Webhook(secretKey).verify(body, headers as Record<string, string>);
}

describe("a webhook", () => {
  it("carries a signature that the specification's library verifies, and what the alert is about", async () => {
    await using server = await receiver();
    const channel = webhookChannel({ name: "soc", url: `${server.url}/hook`, secret: secret(key), ...insecure });
    expect(await channel.notify(notificationOf(), { signal })).toEqual({ status: "delivered" });
    const [request] = server.received;
    if (request === undefined) throw new Error("nothing came");
    expect(request.path).toBe("/hook");
    expect(request.headers["webhook-id"]).toBe(notificationOf().id);
    expect(verified(request)).toMatchObject({
      type: "stream.disconnected",
      timestamp: "2026-11-26T10:00:00.000Z",
      data: {
        organization: "acme",
        stream: "s-1",
        stream_name: "Lake",
        severity: "critical",
        since: "2026-11-26T09:55:00.000Z",
        pending: 42,
        last_streamed: { sequence: 7, at: "2026-11-26T09:54:00.000Z" },
      },
    });
  });

  it("is refused by a receiver with another secret, and when a byte has changed", async () => {
    await using server = await receiver();
    await webhookChannel({ name: "soc", url: server.url, secret: key, ...insecure }).notify(notificationOf(), {
      signal,
    });
    const [request] = server.received;
    if (request === undefined) throw new Error("nothing came");
    const other = `whsec_${randomBytes(32).toString("base64")}`;
    expect(() => verified(request, other)).toThrow("No matching signature");
    expect(() => verified({ ...request, body: request.body.replace("acme", "acmf") })).toThrow("No matching signature");
  });

  it("is signed with the old and the new secret while one replaces the other", async () => {
    await using server = await receiver();
    const fresh = `whsec_${randomBytes(24).toString("base64")}`;
    const channel = webhookChannel({ name: "soc", url: server.url, secret: [fresh, key], ...insecure });
    await channel.notify(notificationOf(), { signal });
    const [request] = server.received;
    if (request === undefined) throw new Error("nothing came");
    expect([verified(request, fresh), verified(request, key)]).toHaveLength(2);
  });

  it("says that a stream has recovered, and since when", async () => {
    await using server = await receiver();
    const closedAt = Date.parse("2026-11-26T10:20:00Z");
    const channel = webhookChannel({ name: "soc", url: server.url, secret: key, ...insecure });
    await channel.notify(notificationOf({ type: "recovered" }, { closedAt }), { signal });
    expect(JSON.parse(server.received[0]?.body ?? "")).toMatchObject({
      type: "stream.recovered",
      data: { kind: "disconnected", closed_at: "2026-11-26T10:20:00.000Z" },
    });
  });

  it.each([
    [200, "delivered", "delivered"],
    [500, "retry", "retry"],
    [429, "retry", "retry"],
    [408, "retry", "retry"],
    [302, "retry", "retry"],
    // Also what a receiver says that is just being put up anew.
    [404, "retry", "failed"],
    [401, "retry", "failed"],
    [410, "failed", "failed"],
  ])("takes an answer of %i for %s, and after an hour for %s", async (status, early, late) => {
    await using server = await receiver();
    server.answer = { status, headers: { location: `${server.url}/elsewhere`, "retry-after": "7" } };
    const channel = webhookChannel({ name: "soc", url: server.url, secret: key, ...insecure });
    for (const [minutes, expected] of [
      [59, early],
      [60, late],
    ] as const) {
      const result = await channel.notify(notificationOf({ at: Date.now() - minutes * 60_000 }), { signal });
      const said = expected === "delivered" ? {} : { message: `The receiver answered ${status}.` };
      expect(result).toEqual({ status: expected, ...said, ...(expected === "retry" && { afterMs: 7000 }) });
    }
    // A redirect is followed by nobody.
    expect(server.received.map(({ path }) => path)).toEqual(["/", "/"]);
  });

  it("carries headers of the operator's own", async () => {
    await using server = await receiver();
    const headers = { Authorization: secret("Bearer s3cr3t") };
    const channel = webhookChannel({ name: "soc", url: server.url, secret: key, headers, ...insecure });
    await channel.notify(notificationOf(), { signal });
    expect(server.received[0]?.headers).toMatchObject({ authorization: "Bearer s3cr3t", "user-agent": "Headgate" });
    expect(inspect(channel)).not.toContain("s3cr3t");
  });

  it("is tried again where nobody listens", async () => {
    const url = await receiver().then(async (server) => {
      await server[Symbol.asyncDispose]();
      return server.url;
    });
    const channel = webhookChannel({ name: "soc", url, secret: key, ...insecure });
    expect(await channel.notify(notificationOf(), { signal })).toEqual({
      status: "retry",
      message: "The receiver cannot be reached (ECONNREFUSED).",
    });
  });

  it("is not sent to a name that leads to an address which is not allowed", async () => {
    await using server = await receiver();
    // One of localhost's addresses alone: each that the name leads to must be allowed.
    const options = { url: server.url.replace("http://127.0.0.1", "https://localhost"), allowedAddresses: ["::1"] };
    const channel = webhookChannel({ name: "soc", ...options, secret: key });
    const message = "The receiver's host leads to a private address, which is not allowed.";
    expect(await channel.notify(notificationOf({ at: Date.now() }), { signal })).toEqual({ status: "retry", message });
    expect(await channel.notify(notificationOf({ at: 0 }), { signal })).toEqual({ status: "failed", message });
    expect(server.received).toEqual([]);
  });

  it.each([
    ["plain http", { url: "http://hooks.example.com", secret: key }],
    ["a loopback address", { url: "https://127.0.0.1/hook", secret: key }],
    ["a private address", { url: "https://10.1.2.3/hook", secret: key }],
    ["a password in the URL", { url: "https://user:s3cr3t@hooks.example.com", secret: key }],
    ["no URL", { url: "s3cr3t", secret: key }],
    ["a short secret", { url: "https://hooks.example.com", secret: "whsec_c2hvcnQ=" }],
    ["a secret that is no base64", { url: "https://hooks.example.com", secret: "s3cr3t s3cr3t s3cr3t s3cr3t s3cr3t" }],
    ["a header of the signature", { ...sound, headers: { "Webhook-Id": "1" } }],
    ["a header that is none", { ...sound, headers: { "x y": "1" } }],
    ["a line break in a header", { ...sound, headers: { authorization: "s3cr3t\r\nx: y" } }],
    ["no secret", { url: "https://hooks.example.com", secret: [] }],
  ])("is not made with %s, and the message holds no secret", (_what, options) => {
    const make = (): unknown => webhookChannel({ name: "soc", ...options });
    expect(make).toThrow(
      expect.objectContaining({ code: "config_invalid", message: expect.stringContaining('"soc"') }),
    );
    expect(make).not.toThrow("s3cr3t");
  });
});
