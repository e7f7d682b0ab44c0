import type { SQLOutputValue } from "node:sqlite";
import { Failure } from "./failure.ts";

/** A row as SQLite gives it. */
export type Row = Record<string, SQLOutputValue>;

/** A column that holds a number. */
export function numberOf(row: Row, column: string): number {
  return Number(row[column]);
}

/** A column that holds text. */
export function textOf(row: Row, column: string): string {
  return String(row[column]);
}

function damaged(what: string): Failure {
  return new Failure(
    "store_corrupt",
    `The store is damaged: a row ${what}.`,
    "Keep a copy of all its files, then restore a backup.",
  );
}

/** A column that holds bytes. The array is the row's own: nothing else looks into its buffer. */
export function blobOf(row: Row, column: string): Uint8Array<ArrayBuffer> {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw damaged(`holds no bytes in its column ${column}`);
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/** Bytes as numbers of the machine's order, which is little-endian wherever Node runs. */
export function uint32s(bytes: Uint8Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  if (bytes.byteLength % 4 !== 0) throw damaged("ends within a number");
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** Bytes as doubles. */
export function float64s(bytes: Uint8Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  if (bytes.byteLength % 8 !== 0) throw damaged("ends within a number");
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
}
