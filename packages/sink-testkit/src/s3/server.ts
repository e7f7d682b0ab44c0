import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { deleteObject } from "./delete-object.ts";
import { faultQueue } from "./fault.ts";
import type { FaultQueue } from "./fault.ts";
import type {
  Answer,
  Received,
  S3Bucket,
  S3Operation,
  S3Request,
  S3Role,
  S3State,
  S3StoredObject,
  S3User,
} from "./model.ts";
import { putObject } from "./put-object.ts";
import { listObjects, readObject } from "./read-object.ts";
import { S3Refusal, s3Error, stsError } from "./refusal.ts";
import { authenticate } from "./signature.ts";
import { answerSts } from "./sts.ts";

/** What the server starts with. */
export interface S3ServerOptions {
  /** @default "us-east-1" */
  readonly region?: string;
  /** The server's clock, Unix ms: sessions, skew and the Date header go by it. @default the machine's */
  readonly now?: () => number;
  readonly users: readonly S3User[];
  readonly roles?: readonly S3Role[];
  readonly buckets: readonly S3Bucket[];
  /** Web identity tokens that STS takes. */
  readonly webIdentityTokens?: readonly string[];
  /** As AWS has it: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html @default 900 */
  readonly minSessionSeconds?: number;
  /** `ignore` takes encryption headers without a word and applies nothing, as some S3-compatible servers do. @default "echo" */
  readonly encryption?: "echo" | "ignore";
  /** Sent as `x-amz-request-id` with every answer. Ceph's begin with `tx`, by which clients know it. @default as AWS has them */
  readonly requestId?: string;
}

/** A running server. */
export interface S3Server extends AsyncDisposable {
  /** For S3 (path style) and STS alike. */
  readonly endpoint: string;
  readonly faults: FaultQueue;
  /** Every request so far, in the order of their answers. */
  readonly requests: readonly S3Request[];
  /** Mutable, see {@link S3Role}. */
  readonly roles: readonly S3Role[];
  /** Mutable, see {@link S3Bucket}. */
  readonly buckets: readonly S3Bucket[];
  /** Mutable: what happens to encryption headers from now on. */
  encryption: "echo" | "ignore";
  /** Objects of a bucket, in key order. */
  objects(bucket: string): readonly S3StoredObject[];
  /** Deletes an object, as its owner would. */
  remove(bucket: string, key: string): void;
  /** Ends every session given out so far. */
  expireSessions(): void;
}

/**
 * Starts a strict S3 and STS server on loopback: signatures, trust, permissions, conditions and digests are really
 * checked, and what it does not know it refuses.
 */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const state: S3State = {
    region: options.region ?? "us-east-1",
    now: options.now ?? Date.now,
    users: options.users,
    roles: options.roles ?? [],
    buckets: options.buckets,
    objects: new Map(),
    sessions: new Map(),
    webIdentityTokens: new Set(options.webIdentityTokens),
    minSessionSeconds: options.minSessionSeconds ?? 900,
    requestId: options.requestId ?? "4442587FB7D0A2F9",
    encryption: options.encryption ?? "echo",
  };
  const faults = faultQueue();
  const requests: S3Request[] = [];
  const server = createServer((message, response) => {
    handle(state, faults, requests, message, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    requests,
    roles: state.roles,
    buckets: state.buckets,
    get encryption() {
      return state.encryption;
    },
    set encryption(mode) {
      state.encryption = mode;
    },
    objects: (bucket) =>
      [...(state.objects.get(bucket)?.values() ?? [])].toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)),
    remove: (bucket, key) => void state.objects.get(bucket)?.delete(key),
    expireSessions() {
      for (const session of state.sessions.values()) session.expiresAt = state.now();
    },
    [Symbol.asyncDispose]: () => close(server),
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function handle(
  state: S3State,
  faults: FaultQueue,
  requests: S3Request[],
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const request = receive(message, Buffer.concat(chunks));
  const form =
    request.method === "POST"
      ? (Object.fromEntries(new URLSearchParams(request.body.toString())) as Record<string, string>)
      : {};
  const log = (status: number, code?: string): void => {
    const { operation, method, path, query, headers, body } = request;
    requests.push({
      operation,
      method,
      path,
      query,
      headers,
      form,
      bodyBytes: body.length,
      status,
      ...(code === undefined ? {} : { code }),
    });
  };

  const fault = faults.take(request.operation);
  if (fault?.kind === "hang") return log(0);
  const takesEffect = fault === undefined || fault.kind === "slow" || ("afterEffect" in fault && fault.afterEffect);
  let answer: Answer = takesEffect ? respond(state, request, form) : { status: 0 };
  if (fault?.kind === "slow") await sleep(fault.ms);
  if (fault?.kind === "cut") {
    log(0);
    response.destroy();
    return;
  }
  if (fault?.kind === "reply") answer = fault;
  if (fault?.kind === "error") {
    const refusal = new S3Refusal(
      fault.status,
      fault.code,
      fault.message ?? fault.code,
      fault.headers === undefined ? {} : { headers: fault.headers },
    );
    answer = request.method === "POST" ? stsError(refusal) : s3Error(refusal);
  }
  log(answer.status, answer.code);
  const head = {
    date: new Date(state.now()).toUTCString(),
    "x-amz-request-id": state.requestId,
    ...answer.headers,
  };
  response.writeHead(answer.status, head).end(request.method === "HEAD" ? undefined : answer.body);
}

/** Splits a path-style request into its parts. */
function receive(message: IncomingMessage, body: Buffer): Received {
  const method = message.method ?? "";
  const [path = "/", rawQuery = ""] = (message.url ?? "/").split("?", 2);
  const query = Object.fromEntries(new URLSearchParams(rawQuery)) as Record<string, string>;
  const [, bucket = "", ...rest] = path.split("/");
  const key = decodeURIComponent(rest.join("/"));
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(",") : (value ?? ""),
    ]),
  );
  return {
    operation: operationOf(method, key, query, body),
    method,
    path,
    rawQuery,
    query,
    headers,
    bucket: decodeURIComponent(bucket),
    key,
    body,
  };
}

function operationOf(method: string, key: string, query: Readonly<Record<string, string>>, body: Buffer): S3Operation {
  if (method === "POST") {
    const action = new URLSearchParams(body.toString()).get("Action");
    return action === "AssumeRole" || action === "AssumeRoleWithWebIdentity" ? action : "unknown";
  }
  if (method === "PUT" && key !== "") return "PutObject";
  if (method === "DELETE" && key !== "") return "DeleteObject";
  if (method === "GET") return key === "" ? (query["list-type"] === "2" ? "ListObjectsV2" : "unknown") : "GetObject";
  return method === "HEAD" && key !== "" ? "HeadObject" : "unknown";
}

function respond(state: S3State, request: Received, form: Readonly<Record<string, string>>): Answer {
  try {
    if (request.method === "POST") return answerSts(state, request, form);
    const caller = authenticate(state, request, "s3");
    const { operation } = request;
    if (operation === "PutObject") return putObject(state, request, caller);
    if (operation === "GetObject" || operation === "HeadObject") return readObject(state, request, caller);
    if (operation === "ListObjectsV2") return listObjects(state, request, caller);
    if (operation === "DeleteObject") return deleteObject(state, request, caller);
    throw new S3Refusal(501, "NotImplemented", "The request implies functionality that is not implemented");
  } catch (error) {
    if (!(error instanceof S3Refusal)) throw error;
    return request.method === "POST" ? stsError(error) : s3Error(error);
  }
}
