import { problem } from "../problem.ts";
import { growingBytes } from "./growing-bytes.ts";

/** Hands on the texts of a body's events, one by one, however the bytes were cut. */
export interface ElementSplitter {
  /** @throws `event_invalid` where the body is of another form */
  push(chunk: Uint8Array): void;
  /** The body is over. @throws `event_invalid` where it ends too early */
  end(): void;
  /** Bytes of the element that has begun. */
  readonly begun: number;
  /** Lines without anything on them, which cost as much to look at as an event. */
  readonly blanks: number;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const comma = 0x2c;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

const isBlank = (byte: number): boolean =>
  byte === space || byte === lineFeed || byte === carriageReturn || byte === 0x09;

/**
 * Splits a JSON array into its elements, or takes a single object as the only one. It looks at brackets and strings alone:
 * whether an element is JSON is for whoever reads it. So a body is never parsed as a whole, and each number keeps its
 * digits. Line breaks between an element's tokens become blanks, because an event is one line.
 */
export function jsonElements(take: (element: Uint8Array) => void): ElementSplitter {
  /** `open`: before the first bracket. `element`: one must begin. `after`: one has ended. */
  let state: "open" | "first" | "element" | "inside" | "after" | "closed" = "open";
  let single = false;
  let depth = 0;
  let inString = false;
  let escaped = false;
  /** What of an element came with earlier chunks. */
  const gathered = growingBytes();
  let start = 0;

  function emit(rest: Buffer): void {
    if (gathered.length === 0) return take(rest);
    gathered.add(rest);
    take(gathered.take());
  }

  function inside(bytes: Buffer, at: number): void {
    const byte = bytes[at] as number;
    if (inString) {
      if (escaped) escaped = false;
      else if (byte === backslash) escaped = true;
      else if (byte === quote) inString = false;
      return;
    }
    if (byte === lineFeed || byte === carriageReturn) bytes[at] = space;
    else if (byte === quote) inString = true;
    else if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) {
      depth--;
      if (depth > 0) return;
      state = single ? "closed" : "after";
      emit(bytes.subarray(start, at + 1));
    }
  }

  function between(byte: number, at: number): void {
    if (isBlank(byte)) return;
    if (state === "open" && byte === openBracket) state = "first";
    else if (state === "open" && byte === openBrace) begin(at, true);
    else if ((state === "first" || state === "element") && byte === openBrace) begin(at, false);
    else if (state === "after" && byte === comma) state = "element";
    else if ((state === "first" || state === "after") && byte === closeBracket) state = "closed";
    else throw malformed();
  }

  function begin(at: number, alone: boolean): void {
    state = "inside";
    single = alone;
    depth = 1;
    start = at;
  }

  return {
    blanks: 0,
    get begun() {
      return gathered.length;
    },
    push(chunk) {
      // A copy, because line breaks are replaced in it.
      const bytes = Buffer.from(chunk);
      start = 0;
      for (let at = 0; at < bytes.length; at++) {
        if (state === "inside") inside(bytes, at);
        else between(bytes[at] as number, at);
      }
      if (state === "inside") gathered.add(bytes.subarray(start));
    },
    end() {
      if (state !== "closed") throw malformed();
    },
  };
}

function malformed(): Error {
  return problem("event_invalid", "The body must be one JSON object, or a JSON array of objects.", {
    hint: "For one object a line send content-type: application/x-ndjson.",
  });
}

/** Splits NDJSON into its lines. Blank ones are left out. */
export function ndjsonElements(take: (element: Uint8Array) => void): ElementSplitter {
  let blanks = 0;
  /** What of a line came with earlier chunks. */
  const gathered = growingBytes();

  function emit(rest: Buffer): void {
    if (gathered.length > 0) gathered.add(rest);
    const line = gathered.length > 0 ? gathered.take() : rest;
    if (line.every(isBlank)) blanks++;
    else take(line);
  }

  return {
    get blanks() {
      return blanks;
    },
    get begun() {
      return gathered.length;
    },
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      let start = 0;
      for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
        emit(bytes.subarray(start, end));
        start = end + 1;
      }
      if (start < bytes.length) gathered.add(bytes.subarray(start));
    },
    end() {
      emit(Buffer.alloc(0));
    },
  };
}
