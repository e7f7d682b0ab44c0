import { createServer, request as httpRequest } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Received, S3State, S3User } from "./model.ts";
import { callerArn } from "./permissions.ts";
import { S3Refusal, stsError } from "./refusal.ts";
import { authenticate } from "./signature.ts";
import { assumedRole, roleDenied } from "./sts-replies.ts";

/** Credentials that a session consists of. */
export interface StsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** @default an hour from now */
  readonly expiration?: Date;
}

/** What the trust policy of a role says, and where its sessions come from. Its fields may be changed while the server runs. */
export interface StrictStsRole {
  /** What the policy asks for with `StringEquals`; undefined where it has no condition. */
  externalId?: string | undefined;
  /** ARNs of the callers that it trusts. @default every known caller */
  trust?: readonly string[];
  /** Gives a session of the role, e.g. by asking a real server. @default the request is passed on to `upstream` */
  issue?(form: Readonly<Record<string, string>>): StsCredentials | Promise<StsCredentials>;
}

/** What the server starts with. */
export interface StrictStsOptions {
  /** By ARN. */
  readonly roles: Readonly<Record<string, StrictStsRole>>;
  /** Whose signatures are checked; the first is the caller where they are not. */
  readonly callers: readonly S3User[];
  /** Region of the signatures. @default "us-east-1" */
  readonly region?: string;
  /** A real S3 server, e.g. `http://127.0.0.1:7480`. Every request but AssumeRole is passed on to it as it came. @default 501 */
  readonly upstream?: string;
}

/** An AssumeRole request and what came of it. */
export interface StrictStsRequest {
  readonly roleArn: string;
  readonly externalId: string | undefined;
  readonly given: boolean;
}

/** A running server. */
export interface StrictSts extends AsyncDisposable {
  /** For STS, and for S3 where there is an upstream. */
  readonly endpoint: string;
  /** Mutable: what a customer mends in a trust policy counts from the next request on. */
  readonly roles: Map<string, StrictStsRole>;
  /** In order. */
  readonly requests: readonly StrictStsRequest[];
}

/**
 * Starts an STS on loopback that compares external ids and principals as AWS does, for S3 servers that compare neither.
 * It stands in front of such a server: the sessions are that server's own, and what they sign goes to it unchanged.
 *
 * @example
 * ```ts
 * await using sts = await startStrictSts({
 *   callers: [{ accessKeyId: "AKIA", secretAccessKey: "secret", arn: "arn:aws:iam::111122223333:user/platform" }],
 *   roles: { "arn:aws:iam::444455556666:role/headgate": { externalId: "hg-7f3e9a51" } },
 *   upstream: "http://127.0.0.1:7480",
 * });
 * ```
 */
export async function startStrictSts(options: StrictStsOptions): Promise<StrictSts> {
  const roles = new Map(Object.entries(options.roles).map(([arn, role]) => [arn, { ...role }]));
  const requests: StrictStsRequest[] = [];
  const state: S3State = {
    region: options.region ?? "us-east-1",
    now: Date.now,
    users: options.callers,
    roles: [],
    buckets: [],
    objects: new Map(),
    sessions: new Map(),
    webIdentityTokens: new Set(),
    minSessionSeconds: 900,
    requestId: "c6104cbe-af31-11e0-8154-cbc7ccf896c7",
    encryption: "echo",
  };

  /** The session's reply, or undefined where the upstream is to give it. @throws {@link S3Refusal} */
  async function assume(request: Received, form: Readonly<Record<string, string>>): Promise<string | undefined> {
    const roleArn = form["RoleArn"] ?? "";
    const externalId = form["ExternalId"];
    const caller = callerArn(authenticate(state, request, "sts"));
    const role = roles.get(roleArn);
    const given =
      role !== undefined &&
      (role.trust?.includes(caller) ?? true) &&
      (role.externalId === undefined || role.externalId === externalId);
    requests.push({ roleArn, externalId, given });
    if (!given) throw roleDenied(caller, roleArn);
    const session = await role.issue?.(form);
    return session === undefined ? undefined : assumedRole(roleArn, form["RoleSessionName"] ?? "", session);
  }

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    // Bodies are small here: an object of a test, or the form of an STS call.
    const body = await buffer(incoming);
    const form = Object.fromEntries(new URLSearchParams(incoming.method === "POST" ? body.toString() : ""));
    if (form["Action"] === "AssumeRole") {
      try {
        const reply = await assume(received(incoming, body), form);
        if (reply !== undefined) return void outgoing.writeHead(200, { "content-type": "text/xml" }).end(reply);
      } catch (error) {
        if (!(error instanceof S3Refusal)) throw error;
        const { status, headers, body: refusal } = stsError(error);
        return void outgoing.writeHead(status, headers).end(refusal);
      }
    }
    if (options.upstream === undefined) return void outgoing.writeHead(501).end();
    passOn(new URL(options.upstream), incoming, body, outgoing);
  }

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    roles,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What the check of a signature looks at. */
function received(incoming: IncomingMessage, body: Buffer): Received {
  const [path = "/", rawQuery = ""] = (incoming.url ?? "/").split("?", 2);
  const headers = Object.entries(incoming.headersDistinct).map(([name, values]) => [name, values?.join(",") ?? ""]);
  return {
    operation: "AssumeRole",
    method: incoming.method ?? "",
    path,
    rawQuery,
    query: {},
    headers: Object.fromEntries(headers) as Record<string, string>,
    bucket: "",
    key: "",
    body,
  };
}

/** As it came: the signature covers the Host header, so the server must see the one that the client saw. */
function passOn(
  upstream: URL,
  { method, url, rawHeaders }: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
): void {
  const { hostname, port } = upstream;
  const sent = httpRequest({ host: hostname, port, method, path: url, headers: rawHeaders });
  sent.on("error", () => outgoing.destroy());
  sent.on("response", (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.rawHeaders);
    response.pipe(outgoing);
  });
  sent.end(body);
}
