import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** Stands in front of an S3 server and compares external ids, as AWS does and the server does not. */
export interface StrictFront extends AsyncDisposable {
  readonly url: string;
  /** Roles by ARN, with the external id that their trust policy asks for: what a customer mends there counts from then on. */
  readonly trust: Map<string, string>;
  /** Roles that were asked for, and whether they were given. */
  readonly asked: { readonly role: string; readonly externalId: string | undefined; readonly given: boolean }[];
}

/** Passes on all but the sessions that a strict trust policy would refuse. */
export async function startStrictFront(backend: string, caller: string): Promise<StrictFront> {
  const trust = new Map<string, string>();
  const asked: StrictFront["asked"] = [];
  const { hostname, port } = new URL(backend);

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    // Bodies are small here: an S3 object of a test, or the form of an STS call.
    const body = await buffer(incoming);
    const type = incoming.headers["content-type"] ?? "";
    if (incoming.method === "POST" && type.startsWith("application/x-www-form-urlencoded")) {
      const form = new URLSearchParams(body.toString());
      if (form.get("Action") === "AssumeRole") {
        const role = form.get("RoleArn") ?? "";
        const externalId = form.get("ExternalId") ?? undefined;
        const given = externalId !== undefined && trust.get(role) === externalId;
        asked.push({ role, externalId, given });
        if (!given) return refuse(outgoing, role);
      }
    }
    // The signature covers the Host header: the server must see the one that the client saw.
    const { rawHeaders, method, url } = incoming;
    const sent = request({ host: hostname, port, method, path: url, headers: rawHeaders });
    sent.on("error", () => outgoing.destroy());
    sent.on("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.rawHeaders);
      response.pipe(outgoing);
    });
    sent.end(body);
  }

  /**
   * A missing role, one that does not trust the caller and a wrong external id answer alike:
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html
   */
  function refuse(outgoing: ServerResponse, role: string): void {
    outgoing.writeHead(403, { "content-type": "text/xml" });
    outgoing.end(
      `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${role}</Message></Error><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ErrorResponse>`,
    );
  }

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    trust,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
