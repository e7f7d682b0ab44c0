import { gunzipSync, inflateSync } from "node:zlib";

/** A body as it was before its compression, or why it cannot be had. */
export type Inflated = { readonly body: Buffer } | { readonly problem: "too_large" | "corrupt" };

/** Undoes gzip or deflate (zlib). It stops as soon as more than `maxBytes` come out, however little went in. */
export function inflate(wire: Buffer, encoding: "gzip" | "deflate", maxBytes: number): Inflated {
  try {
    const options = { maxOutputLength: maxBytes, chunkSize: 128 * 1024 };
    return { body: encoding === "gzip" ? gunzipSync(wire, options) : inflateSync(wire, options) };
  } catch (error) {
    const tooLarge = error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    return { problem: tooLarge ? "too_large" : "corrupt" };
  }
}
