import type { HttpRequest } from "../http-listener.ts";
import { inflate } from "../inflate.ts";
import type { DatadogOwnFault } from "./fault.ts";
import { maxBodyBytes, maxLogs } from "./limits.ts";
import type { DatadogEndpoint, DatadogPoison } from "./model.ts";
import type { SentLog } from "./read-logs.ts";
import { readLogs } from "./read-logs.ts";
import type { DatadogReply } from "./replies.ts";
import { errorReply, jsonReply } from "./replies.ts";
import { valueAt } from "./value-at.ts";

/** The intake behind the sockets. */
export interface Intake {
  answer(request: HttpRequest, fault: DatadogOwnFault | undefined): DatadogReply;
  /** The decompressed body of a request, or the answer to one that cannot be had. */
  bodyOf(request: HttpRequest): Buffer | DatadogReply;
  poison(poison: readonly DatadogPoison[]): void;
  /** Takes no log for malformed any more because of a fault. */
  forgive(): void;
}

const encodings: ReadonlySet<string> = new Set(["identity", "gzip", "deflate"]);

/** What a path is for. */
export function endpointOf(path: string): DatadogEndpoint {
  const name = pathname(path);
  return name === "/api/v2/logs" ? "logs" : name === "/api/v1/validate" ? "validate" : "unknown";
}

/** A path without its query. */
export function pathname(path: string): string {
  return path.split("?", 1)[0] ?? "";
}

/** Makes an intake. `keep` gets each log that is accepted. */
export function intake(apiKeys: ReadonlySet<string>, keep: (sent: SentLog, request: HttpRequest) => void): Intake {
  let poisoned: readonly DatadogPoison[] = [];
  const refused = new Set<string>();
  const read = new WeakMap<HttpRequest, Buffer | DatadogReply>();

  function answer(request: HttpRequest, fault: DatadogOwnFault | undefined): DatadogReply {
    if (fault?.kind === "error" && fault.afterEffect !== true) return faultReply(fault);
    const endpoint = endpointOf(request.path);
    const method = endpoint === "logs" ? "POST" : "GET";
    if (endpoint === "unknown") return errorReply(404, "HTTP path is invalid");
    if (request.method !== method) return errorReply(405, "HTTP method is invalid");
    const key = request.headers["dd-api-key"] ?? "";
    if (endpoint === "validate") {
      return apiKeys.has(key)
        ? jsonReply(200, { valid: true })
        : jsonReply(403, { status: "error", code: 403, errors: ["Forbidden"] });
    }
    if (key === "") return errorReply(401, "API key is missing");
    if (!apiKeys.has(key)) return errorReply(403, "API key is invalid");
    const reply = take(request, fault);
    return fault?.kind === "error" ? { ...reply, ...faultReply(fault) } : reply;
  }

  function take(request: HttpRequest, fault: DatadogOwnFault | undefined): DatadogReply {
    const type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
    if (type !== "application/json") return errorReply(415, "Content type is not supported");
    const body = bodyOf(request);
    if ("status" in body) return body;
    const logs = readLogs(body);
    if (logs === undefined) return errorReply(400, "Invalid JSON structure");
    if (logs.length > maxLogs) return errorReply(400, "Too many logs in the array");
    if (fault?.kind === "refuse") for (const index of fault.indexes) if (logs[index]) refused.add(bytesOf(logs[index]));
    if (logs.some(isRefused)) return errorReply(400, "A log is malformed");
    for (const sent of logs) keep(sent, request);
    return { ...jsonReply(202, {}), logs: logs.length };
  }

  function isRefused(sent: SentLog): boolean {
    if (refused.size > 0 && refused.has(bytesOf(sent))) return true;
    return poisoned.some(({ path, equals }) => valueAt(sent.log, path) === equals);
  }

  function bodyOf(request: HttpRequest): Buffer | DatadogReply {
    const known = read.get(request);
    if (known !== undefined) return known;
    const decoded = decode(request);
    read.set(request, decoded);
    return decoded;
  }

  return {
    answer,
    bodyOf,
    poison(list) {
      poisoned = list;
    },
    forgive: () => refused.clear(),
  };
}

function decode({ headers, body: wire }: HttpRequest): Buffer | DatadogReply {
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (!encodings.has(encoding)) return errorReply(415, "Content encoding is not supported");
  if (wire.length > maxBodyBytes) return errorReply(413, "Payload is too large");
  if (encoding === "identity") return wire;
  const inflated = inflate(wire, encoding as "gzip" | "deflate", maxBodyBytes);
  if ("body" in inflated) return inflated.body;
  return inflated.problem === "too_large"
    ? errorReply(413, "Payload is too large")
    : errorReply(400, "Payload cannot be decompressed");
}

function faultReply(fault: Extract<DatadogOwnFault, { readonly kind: "error" }>): DatadogReply {
  return errorReply(fault.status, "The server was told to fail", {
    ...(fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) }),
    ...(fault.rateLimitReset === undefined ? {} : { "x-ratelimit-reset": String(fault.rateLimitReset) }),
  });
}

function bytesOf({ raw }: SentLog): string {
  return Buffer.from(raw).toString("latin1");
}
