import {
  type AlertChannel,
  type AlertNotification,
  type AlertResult,
  HeadgateError,
  type Secret,
  secret,
} from "@headgate/core";
import { createTransport } from "nodemailer";
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
  if (to.length === 0 || [from, ...to].some((address) => !/^[^\r\n]*@[^\r\n]*$/.test(address))) {
    throw new HeadgateError(
      "config_invalid",
      `The alert channel "${name}" needs a sender and receivers as e-mail addresses.`,
    );
  }
  const transport = createTransport({
    host,
    port,
    secure: tls === "implicit" && !allowInsecureEndpoint,
    requireTLS: tls === "starttls" && !allowInsecureEndpoint,
    ignoreTLS: allowInsecureEndpoint,
    tls: { minVersion: "TLSv1.2", ...(ca !== undefined && { ca }) },
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
    async notify(notification) {
      try {
        await transport.sendMail({ from, to: [...to], ...mailOf(notification) });
        return { status: "delivered" };
      } catch (error) {
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
    // What a stream's name holds must not begin a header of its own.
    subject: `[${mark}] ${headline(notification)}`.replaceAll(/\p{Cc}+/gu, " "),
    text: [headline(notification), "", ...advice(notification), "", ...facts, `Alert: ${alert.id}`, ""].join("\n"),
    // The same for each attempt: what was sent twice is shown once.
    messageId: `<${id}@alerts.headgate>`,
    headers: { "Auto-Submitted": "auto-generated" },
  };
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
