import { EventEmitter, once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A request as a receiver got it. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver of webhooks on loopback. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
  /** What it answers. @default 204 */
  answer: { readonly status: number; readonly headers?: Readonly<Record<string, string>> };
  /** Resolves when so many requests have come. */
  receivedAll(count: number): Promise<void>;
}

export async function receiver(): Promise<Receiver> {
  const arrivals = new EventEmitter();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      self.received.push({ path: request.url ?? "", headers: request.headers, body });
      response.writeHead(self.answer.status, self.answer.headers).end();
      arrivals.emit("request");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const self: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    answer: { status: 204 },
    async receivedAll(count) {
      while (self.received.length < count) await once(arrivals, "request");
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}
