import type { HttpRequest } from "../http-listener.ts";
import { inflate } from "../inflate.ts";
import type { HecReply } from "./codes.ts";
import { hecReply, htmlReply } from "./codes.ts";
import type { HecSettings } from "./options.ts";

/**
 * Gives the decompressed body of a request, or the answer to one that cannot be had. Asked again for the same request
 * it does not decompress again.
 */
export function bodyReader(settings: HecSettings): (request: HttpRequest) => Buffer | HecReply {
  const read = new WeakMap<HttpRequest, Buffer | HecReply>();

  function decode({ headers, body: wire }: HttpRequest): Buffer | HecReply {
    const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
    if (encoding !== "identity" && encoding !== "gzip") return htmlReply(415, "Unsupported Media Type");
    if (wire.length > settings.maxContentLength) return tooLong();
    if (encoding === "identity") return wire;
    const inflated = inflate(wire, encoding, Math.min(settings.maxContentLength, settings.maxInflatedBytes));
    if ("body" in inflated) return inflated.body;
    return inflated.problem === "too_large" ? tooLong() : hecReply(6, { invalidEventNumber: 0 });
  }

  function tooLong(): HecReply {
    return settings.cloud ? hecReply(6, { invalidEventNumber: 0 }) : htmlReply(413, "Content-Length is too large");
  }

  return (request) => {
    const known = read.get(request);
    if (known !== undefined) return known;
    const decoded = decode(request);
    read.set(request, decoded);
    return decoded;
  };
}
