const quote = 0x22;
const backslash = 0x5c;
const open = 0x7b;
const close = 0x7d;

/** Where the next byte that is not JSON whitespace (space, tab, LF, CR) stands, or the length. */
export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
  }
  return at;
}

/**
 * Where the JSON object that begins at `from` ends (the place after its last brace), or -1 where no object begins there
 * or it has no end. It counts braces outside of strings and checks nothing else: what is malformed within is for the
 * parser to find. One pass, for UTF-8.
 */
export function objectEnd(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== open) return -1;
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    let byte = bytes[at];
    if (byte === quote) {
      for (at++; at < bytes.length; at++) {
        byte = bytes[at];
        if (byte === backslash) at++;
        else if (byte === quote) break;
      }
    } else if (byte === open) depth++;
    else if (byte === close && --depth === 0) return at + 1;
  }
  return -1;
}
