import { csvHead, csvRow } from "./csv.ts";
import type { StoredLine } from "./event-filter.ts";

/** How events are written. */
export type ExportFormat = "ndjson" | "csv";

/** Bytes that are gathered before they are handed on. */
const writeBytes = 64 * 1024;

const utf8 = new TextDecoder();

/**
 * Writes events as a body that is made as fast as it is read: memory stays at one piece. When the client goes, the search
 * ends. When the signal is aborted first, the body breaks off, so that nobody takes it for the whole.
 */
export function exportBody(
  events: AsyncGenerator<StoredLine>,
  format: ExportFormat,
  { signal, done }: { readonly signal: AbortSignal; readonly done: () => void },
): ReadableStream<Uint8Array> {
  let head = format === "csv" ? csvHead : "";
  let over = false;

  async function end(): Promise<void> {
    if (over) return;
    over = true;
    done();
    await events.return(undefined);
  }

  async function nextPiece(): Promise<{ readonly piece: Uint8Array; readonly last: boolean }> {
    const parts: Uint8Array[] = head === "" ? [] : [Buffer.from(head)];
    head = "";
    for (let held = 0; held < writeBytes;) {
      signal.throwIfAborted();
      const result = await events.next();
      if (result.done === true) return { piece: Buffer.concat(parts), last: true };
      const { line } = result.value;
      // Lines are gone with the next one.
      const part = format === "csv" ? Buffer.from(csvRow(utf8.decode(line))) : line.slice();
      parts.push(part);
      held += part.length;
    }
    return { piece: Buffer.concat(parts), last: false };
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { piece, last } = await nextPiece();
          if (piece.length > 0) controller.enqueue(piece);
          if (!last) return;
          await end();
          controller.close();
        } catch {
          // What went wrong is nobody's business at the other end: the body is broken, and that says enough.
          await end().catch(() => {});
          controller.error(new Error("The export broke off."));
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}
