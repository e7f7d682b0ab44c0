import { STATUS_CODES } from "node:http";
import type { HttpReply } from "../http-reply.ts";

/** A reply of the intake. */
export interface DatadogReply extends HttpReply {
  /** Logs accepted. */
  readonly logs?: number;
}

/** An error as the intake writes it. */
export function errorReply(
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): DatadogReply {
  const errors = [{ status: String(status), title: STATUS_CODES[status] ?? "Error", detail }];
  return jsonReply(status, { errors }, headers);
}

/** A reply with a JSON body. */
export function jsonReply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): DatadogReply {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}
