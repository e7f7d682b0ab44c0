import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What a webhook said. */
export interface ReceivedAlert {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A receiver of alerts that believes only what is signed. */
export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string;
  readonly secret: string;
  /** Resolves to the first alert of a type, also one that has come already. */
  received(type: string): Promise<ReceivedAlert>;
  /** All that has come, in order. */
  readonly all: readonly ReceivedAlert[];
  /** Requests whose signature did not hold. */
  readonly forged: readonly string[];
}

/** Starts one. */
export async function startWebhookReceiver(key: Uint8Array): Promise<WebhookReceiver> {
  const all: ReceivedAlert[] = [];
  const forged: string[] = [];
  let tell = Promise.withResolvers<void>();
  const server = createServer((incoming, outgoing) => {
    void text(incoming).then((body) => {
      const header = (name: string): string => String(incoming.headers[name] ?? "");
      const [id, timestamp, signatures] = [
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
      ];
      const valid = signedBy(key, `${id}.${timestamp}.${body}`, signatures) && fresh(timestamp);
      if (valid) all.push({ id, ...(JSON.parse(body) as Omit<ReceivedAlert, "id">) });
      else forged.push(body);
      outgoing.writeHead(valid ? 204 : 401).end();
      tell.resolve();
      tell = Promise.withResolvers<void>();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    secret: `whsec_${Buffer.from(key).toString("base64")}`,
    all,
    forged,
    async received(type) {
      for (;;) {
        const next = tell.promise;
        const found = all.find((alert) => alert.type === type);
        if (found !== undefined) return found;
        await next;
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme */
function signedBy(key: Uint8Array, signed: string, signatures: string): boolean {
  const wanted = createHmac("sha256", key).update(signed).digest();
  return signatures.split(" ").some((signature) => {
    const [version, value = ""] = signature.split(",");
    const given = Buffer.from(value, "base64");
    return version === "v1" && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}

/** Not older, or newer, than five minutes. */
function fresh(timestamp: string): boolean {
  return Math.abs(Date.now() / 1000 - Number(timestamp)) < 300;
}
