import { isHeadgateError } from "@headgate/core";
import { problem } from "./problem.ts";

/** Reads a request's body to its end. @throws `body_too_large` as soon as there is more; `request_invalid` where it breaks off */
export async function readBounded(
  request: Request,
  mostBytes: number,
): Promise<{ readonly length: number; readonly chunks: readonly Uint8Array[] }> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const named = declaredLength(request);
  if (named !== undefined && named > mostBytes) throw tooLarge(mostBytes);
  for await (const chunk of bodyChunks(request)) {
    length += chunk.length;
    if (length > mostBytes) throw tooLarge(mostBytes);
    chunks.push(chunk);
  }
  return { length, chunks };
}

/** The error of a body that is too large. */
export function tooLarge(mostBytes: number): Error {
  return problem("body_too_large", `The body is larger than the ${mostBytes} bytes that are taken here.`, {
    hint: "Send it in several requests.",
  });
}

/** What the request says its body has, in bytes; undefined where it says nothing that makes sense. */
export function declaredLength(request: Request): number | undefined {
  const text = request.headers.get("content-length");
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The body as it arrives. Left early, the rest is not read. @throws `request_invalid` where it breaks off */
export async function* bodyChunks(request: Request): AsyncGenerator<Uint8Array> {
  if (request.body === null) return;
  if (request.bodyUsed) throw problem("request_invalid", "The body has been read before the API got the request.");
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  try {
    for (;;) {
      const result = await reader.read().catch((error: unknown) => {
        if (isHeadgateError(error)) throw error;
        // Whoever sent it has gone, or the server has cut it off: no defect, and mostly nobody to tell.
        throw problem("request_invalid", "The body broke off before its end.");
      });
      if (result.done) return;
      // Hosts hand on what they are given, and that may be anything.
      if (!(result.value instanceof Uint8Array)) throw problem("request_invalid", "The body must be bytes.");
      yield result.value;
    }
  } finally {
    // Of a body that was read to its end this does nothing.
    void reader.cancel().catch(() => {});
  }
}
