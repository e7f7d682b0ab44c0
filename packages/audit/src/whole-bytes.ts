import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type { Compression } from "@headgate/core";

/** More than this is decompressed piece by piece. */
const maxOutputLength = 16 * 1024 * 1024;

/**
 * What an object holds, decompressed in one go; undefined where it is to be read piece by piece: it is large, made of several
 * parts, or damaged, and then where and how is for the walk along its parts to say.
 */
export function decompressWhole(bytes: Uint8Array, compression: Compression): Uint8Array | undefined {
  if (compression === "none") return bytes;
  const decompress = compression === "gzip" ? gunzipSync : zstdDecompressSync;
  try {
    const { buffer, engine } = decompress(bytes, { maxOutputLength, info: true }) as unknown as {
      readonly buffer: Uint8Array;
      readonly engine: { readonly bytesWritten: number };
    };
    // Both pass over what they do not understand behind what they do.
    return engine.bytesWritten === bytes.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}
