import { HeadgateError } from "@headgate/core";

/** A row as a driver gives it: numbers may come as text, bytes as a Buffer. */
export type Row = Readonly<Record<string, unknown>>;

/** A column that holds a number below 2^53. */
export function numberOf(row: Row, column: string): number {
  return Number(row[column]);
}

/** A column that holds text. */
export function textOf(row: Row, column: string): string {
  return String(row[column]);
}

/** A column that holds text or nothing. */
export function textOrNone(row: Row | undefined, column: string): string | undefined {
  const value = row?.[column];
  return typeof value === "string" ? value : undefined;
}

/** A column that holds bytes. */
export function bytesOf(row: Row, column: string): Uint8Array<ArrayBuffer> {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw damaged(`holds no bytes in its column ${column}`);
  return value as Uint8Array<ArrayBuffer>;
}

/** The numbers in a column, little-endian as every machine that Node runs on has them. The copy is aligned. */
export function uint32sOf(row: Row, column: string): Uint32Array<ArrayBuffer> {
  const bytes = bytesOf(row, column);
  if (bytes.byteLength % 4 !== 0) throw damaged("ends within a number");
  return new Uint32Array(new Uint8Array(bytes).buffer);
}

/** Doubles in a column. */
export function float64sOf(row: Row, column: string): Float64Array<ArrayBuffer> {
  const bytes = bytesOf(row, column);
  if (bytes.byteLength % 8 !== 0) throw damaged("ends within a number");
  return new Float64Array(new Uint8Array(bytes).buffer);
}

/** A column that holds JSON as text. */
export function jsonOf(row: Row, column: string): unknown {
  try {
    return JSON.parse(textOf(row, column));
  } catch {
    throw damaged("is no JSON");
  }
}

/** The bytes of numbers, for a parameter. */
export function asBytes(numbers: Uint32Array | Float64Array | Uint8Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** A number for a parameter of type bigint; more than one holds, infinity too, becomes the largest that is exact. */
export function bigint(value: number): string {
  return String(Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.floor(value))));
}

function damaged(what: string): HeadgateError {
  return new HeadgateError("store_corrupt", `The store is damaged: a row ${what}.`, {
    hint: "Stop the runners, keep a copy of the database, and restore a backup.",
  });
}
