import { createHmac } from "node:crypto";
import { validateHeaderName, validateHeaderValue } from "node:http";
import { type AlertChannel, HeadgateError, type Secret, secret } from "@headgate/core";
import { alertPayload } from "./alert-payload.ts";
import { type EndpointOptions, postTo } from "./post.ts";

/** Options of {@link webhookChannel}. */
export interface WebhookChannelOptions extends EndpointOptions {
  /**
   * 24 to 64 bytes as base64, with or without `whsec_` before them. While a secret is replaced, the new one and the old
   * one: a receiver takes a request that either has signed.
   */
  readonly secret: string | Secret | readonly (string | Secret)[];
  /** Sent with each request, e.g. what a gateway before the receiver asks for. Shown nowhere. @default none */
  readonly headers?: Readonly<Record<string, string | Secret>>;
}

/**
 * A webhook signed by the Standard Webhooks specification, so that receivers verify it with a library of theirs:
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. `webhook-id` is the
 * notification's id, the same for each attempt: a receiver drops repeats by it.
 *
 * @throws `config_invalid`
 * @example
 * ```ts
 * const channel = webhookChannel({ name: "soc", url: "https://soc.example.com/headgate", secret: webhookSecret });
 * ```
 */
export function webhookChannel(options: WebhookChannelOptions): AlertChannel {
  const { name, organizations } = options;
  const given = typeof options.secret === "object" && "length" in options.secret ? options.secret : [options.secret];
  const keys = given.map((one) => keyOf(name, secret(one)));
  if (keys.length === 0) throw new HeadgateError("config_invalid", `The alert channel "${name}" needs a secret.`);
  const own = Object.entries(options.headers ?? {}).map(([header, value]) => headerOf(name, header, secret(value)));
  const post = postTo(options);
  return {
    name,
    ...(organizations && { organizations }),
    notify(notification, { signal }) {
      const body = JSON.stringify(alertPayload(notification));
      // Of the attempt, not of the alert: receivers refuse what is more than a few minutes old.
      const timestamp = String(Math.floor(Date.now() / 1000));
      const signed = `${notification.id}.${timestamp}.${body}`;
      const signatures = keys.map((key) => `v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
      const headers = {
        ...Object.fromEntries(own.map(([header, value]) => [header, value.reveal()])),
        "webhook-id": notification.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signatures.join(" "),
      };
      return post(notification, { body, headers }, signal);
    },
  };
}

/** What the request and its signature are made of is nobody else's to set. */
const taken = /^(host|connection|keep-alive|upgrade|te|trailer|expect|transfer-encoding|content-.*|webhook-.*)$/;

function headerOf(channel: string, header: string, value: Secret): readonly [header: string, value: Secret] {
  const name = header.toLowerCase();
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value.reveal());
    if (!taken.test(name)) return [name, value];
  } catch {
    // Node's message may hold the value.
  }
  throw new HeadgateError(
    "config_invalid",
    `The alert channel "${channel}" cannot send the header ${JSON.stringify(header)}.`,
  );
}

function keyOf(name: string, given: Secret): Buffer {
  const text = given.reveal().replace(/^whsec_/, "");
  const key = Buffer.from(text, "base64");
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(text) && key.length >= 24 && key.length <= 64) return key;
  throw new HeadgateError(
    "config_invalid",
    `The secret of the alert channel "${name}" must be 24 to 64 bytes as base64.`,
    {
      hint: "Make one with: echo whsec_$(openssl rand -base64 32)",
    },
  );
}
