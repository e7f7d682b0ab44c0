import type { JsonObject } from "./event.ts";
import type { DigestSignature } from "./digest.ts";
import type { SinkLimits } from "./sink.ts";

/** Sinks put JSON into JSON, twice at most, and something around it. */
const growth = 5;
const leastBytes = 1024;

/** A piece of a digest on its way to a destination that stores no files, as the metadata of one event. */
export interface DigestPiece {
  readonly metadata: JsonObject & { readonly digest: string };
  /** Where it begins in the signed line, in bytes; undefined where it is the whole line. */
  readonly offset: number | undefined;
  /** Where it ends. */
  readonly end: number;
}

/**
 * The piece of a digest that begins at `sent`: all of it where one event can hold it. The signed text stays as it is, as
 * a text; `offset` puts pieces together again, and `bytes` is what they come to.
 */
export function digestPiece(
  line: Uint8Array,
  signature: DigestSignature,
  { maxEventBytes }: Pick<SinkLimits, "maxEventBytes">,
  sent = 0,
): DigestPiece {
  const most = Math.max(leastBytes, Math.floor(maxEventBytes / growth));
  const offset = line.length <= most && sent === 0 ? undefined : sent;
  let end = Math.min(line.length, sent + most);
  while (isInside(line[end])) end -= 1;
  const digest = Buffer.from(line.subarray(sent, end)).toString("utf8");
  const place = offset === undefined ? {} : { offset, bytes: line.length };
  return { metadata: { digest, ...place, ...signature }, offset, end };
}

/** Whether a byte goes on with a character of UTF-8. */
function isInside(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
