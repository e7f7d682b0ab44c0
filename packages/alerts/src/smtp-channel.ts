import {
  type AlertChannel,
  type AlertNotification,
  type AlertResult,
  HeadgateError,
  type Secret,
  secret,
} from "@headgate/core";
import { createTransport } from "nodemailer";
import addressparser from "nodemailer/lib/addressparser";
import { advice, details, headline } from "./alert-text.ts";

/** Options of {@link smtpChannel}. */
export interface SmtpChannelOptions {
  /** Unique among the channels. */
  readonly name: string;
  /** Organizations whose alerts go there. @default all */
  readonly organizations?: readonly string[];
  /** The operator's own mail server: it may stand on a private address. */
  readonly host: string;
  /** @default 465, or 587 with `starttls` */
  readonly port?: number;
  /** `implicit` from the first byte on, or `starttls`, without which nothing is sent. @default "implicit" */
  readonly tls?: "implicit" | "starttls";
  /** With a password, or neither. */
  readonly username?: string;
  readonly password?: string | Secret;
  /** E.g. `Headgate <audit@example.com>`. */
  readonly from: string;
  readonly to: readonly string[];
  /** PEM of certificates to trust instead of the usual ones. */
  readonly ca?: string;
  /** No TLS at all: for tests and for a server on the same machine. @default false */
  readonly allowInsecureEndpoint?: boolean;
}

/**
 * E-mail by SMTP. Certificates are always verified.
 *
 * @throws `config_invalid`
 * @example
 * ```ts
 * const channel = smtpChannel({
 *   name: "mail",
 *   host: "smtp.example.com",
 *   from: "Headgate <audit@example.com>",
 *   to: ["security@example.com"],
 * });
 * ```
 */
export function smtpChannel(options: SmtpChannelOptions): AlertChannel {
  const { name, organizations, host, tls = "implicit", username, password, from, to, ca } = options;
  const { allowInsecureEndpoint = false, port = tls === "implicit" ? 465 : 587 } = options;
  if (to.length === 0 || ![from, ...to].every(isAddress)) {
    throw new HeadgateError(
      "config_invalid",
      `The alert channel "${name}" needs a sender and receivers as e-mail addresses, one for each entry.`,
    );
  }
  if ((username === undefined) !== (password === undefined)) {
    throw new HeadgateError(
      "config_invalid",
      `The alert channel "${name}" needs a username and a password, or neither.`,
    );
  }
  const transport = createTransport({
    host,
    port,
    secure: tls === "implicit" && !allowInsecureEndpoint,
    requireTLS: tls === "starttls" && !allowInsecureEndpoint,
    ignoreTLS: allowInsecureEndpoint,
    // Said outright, so that the environment (NODE_TLS_REJECT_UNAUTHORIZED) cannot say otherwise.
    tls: { minVersion: "TLSv1.2", rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(username !== undefined && { auth: { user: username, pass: secret(password ?? "").reveal() } }),
  });
  return {
    name,
    ...(organizations && { organizations }),
    async notify(notification, { signal }) {
      try {
        const { rejected } = await transport.sendMail({ from, to: [...to], ...mailOf(notification), signal });
        if (rejected.length === 0) return { status: "delivered" };
        // Sent again, it would come to the others again.
        return { status: "failed", message: `The mail server refused ${rejected.length} of ${to.length} receivers.` };
      } catch (error) {
        signal.throwIfAborted();
        return failureOf(error);
      }
    },
  };
}

function mailOf(notification: AlertNotification): {
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  const { id, type, alert } = notification;
  const mark = type === "recovered" ? "Recovered" : alert.severity === "critical" ? "Critical" : "Warning";
  const facts = details(notification).map(([label, value]) => `${label}: ${value}`);
  return {
    subject: `[${mark}] ${headline(notification)}`,
    text: [headline(notification), "", ...advice(notification), "", ...facts, `Alert: ${alert.id}`, ""].join("\n"),
    // The same for each attempt: what was sent twice is shown once.
    messageId: `<${id}@alerts.headgate>`,
    headers: { "Auto-Submitted": "auto-generated" },
  };
}

/** `user@host`, or `Name <user@host>`: one alone, since a list in one entry would be counted wrong. */
function isAddress(text: string): boolean {
  const [first, ...others] = addressparser(text, { flatten: true });
  return others.length === 0 && /^[^\s@]+@[^\s@]+$/.test(first?.address ?? "") && !/\p{Cc}/u.test(text);
}

/** The server's own words may hold addresses: its code tells enough. */
function failureOf(error: unknown): AlertResult {
  const { responseCode, code } = error as { readonly responseCode?: number; readonly code?: string };
  if (responseCode === undefined)
    return { status: "retry", message: `The mail server cannot be used (${code ?? "unknown"}).` };
  const message = `The mail server answered ${responseCode}.`;
  // 5xx is for good (RFC 5321, 4.2.1) where it is about this mail; what is about the server, somebody may mend.
  const aboutMail = code === "EENVELOPE" || code === "EMESSAGE";
  return responseCode >= 500 && aboutMail ? { status: "failed", message } : { status: "retry", message };
}
