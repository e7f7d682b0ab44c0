/** Bytes that are gathered piece by piece, in memory of at most about twice their number. */
export interface GrowingBytes {
  readonly length: number;
  add(bytes: Uint8Array): void;
  /** All that was added, which is then gone from here. Valid until the next call of anything. */
  take(): Buffer;
}

/** Beyond this the memory is not kept for the next ones. */
const kept = 64 * 1024;

/** Makes an empty {@link GrowingBytes}. */
export function growingBytes(): GrowingBytes {
  let memory = Buffer.alloc(1024);
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(bytes) {
      if (length + bytes.length > memory.length) {
        const larger = Buffer.allocUnsafe(Math.max(2 * memory.length, length + bytes.length));
        memory.copy(larger, 0, 0, length);
        memory = larger;
      }
      memory.set(bytes, length);
      length += bytes.length;
    },
    take() {
      const all = memory.subarray(0, length);
      if (memory.length > kept) memory = Buffer.alloc(1024);
      length = 0;
      return all;
    },
  };
}
