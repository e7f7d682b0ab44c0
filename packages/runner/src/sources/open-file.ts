import { type FileHandle, open } from "node:fs/promises";
import { type ContentPrint, edgeBytes, edgesOf, printOf } from "./content-print.ts";
import { decompressed, isGzip } from "./gzip.ts";

/** Bytes read at a time. */
export const chunkBytes: number = 128 * 1024;

/** What the file system says of a file, to tell whether anybody wrote to it. */
export interface FileState {
  readonly size: number;
  /** Times of the last changes of content and of inode, in ns. */
  readonly times: string;
  /** The later of the two, Unix ms. */
  readonly changedAt: number;
}

/** A file that is open for reading. */
export interface OpenFile extends AsyncDisposable {
  readonly handle: FileHandle;
  readonly inode: number;
  readonly compressed: boolean;
  state(): Promise<FileState>;
  /** Its bytes from the beginning, decompressed. `onRead` is told how many were read of the file, chunk by chunk. */
  content(onRead?: (bytes: number) => void): AsyncIterable<Buffer>;
  /** The first and the last bytes before `offset`, of a file that is not compressed. */
  edges(offset: number): Promise<Pick<ContentPrint, "head" | "tail">>;
}

/** Opens a file. Its first bytes tell whether it is compressed. */
export async function openFile(path: string): Promise<OpenFile> {
  const handle = await open(path, "r");
  try {
    const [first, { ino }] = [await read(handle, 0, 2), await handle.stat()];
    const compressed = isGzip(first);
    // Not a read stream: one that is left early closes the handle.
    async function* stored(onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
      for (let position = 0; ;) {
        const chunk = await read(handle, position, chunkBytes);
        if (chunk.length === 0) return;
        position += chunk.length;
        onRead(chunk.length);
        yield chunk;
      }
    }
    return {
      handle,
      inode: ino,
      compressed,
      async state() {
        const { size, mtimeNs, ctimeNs, mtimeMs, ctimeMs } = await handle.stat({ bigint: true });
        return {
          size: Number(size),
          times: `${mtimeNs} ${ctimeNs}`,
          changedAt: Math.max(Number(mtimeMs), Number(ctimeMs)),
        };
      },
      content: (onRead = () => {}) => (compressed ? decompressed(stored(onRead), path) : stored(onRead)),
      async edges(offset) {
        const length = Math.min(edgeBytes, offset);
        return { head: await read(handle, 0, length), tail: await read(handle, offset - length, length) };
      },
      [Symbol.asyncDispose]: async () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** Whether a file still begins with what the print was made of, told by the edges of it alone. */
export async function hasEdges(file: OpenFile, print: ContentPrint): Promise<boolean> {
  return edgesOf(await file.edges(print.bytes)) === edgesOf(print);
}

/** The same, told by every byte. */
export async function hasContent(file: OpenFile, print: Pick<ContentPrint, "bytes" | "crc">): Promise<boolean> {
  return (await printOf(file.content(), print.bytes))?.crc === print.crc;
}
