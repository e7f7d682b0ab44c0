import { once } from "node:events";
import type { Agent, IncomingMessage } from "node:http";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

/** A reply as it came, unchecked. */
export interface AskReply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** How to ask. */
export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly ca?: string;
  readonly agent?: Agent;
}

/** Sends one request with Node's own client and nothing around it. Rejects where the connection breaks. */
export async function ask(
  url: string,
  { method = "POST", headers = {}, body, ca, agent }: AskOptions = {},
): Promise<AskReply> {
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  const outgoing = send(url, {
    method,
    headers,
    ...(ca === undefined ? {} : { ca }),
    ...(agent === undefined ? { agent: false } : { agent }),
  });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text: Buffer.concat(parts).toString() };
}
