import { isHeadgateError, type Logger } from "@headgate/core";
import { Readable } from "node:stream";
import { createLineSplitter } from "./line-splitter.ts";
import type { Intake } from "./intake.ts";
import type { SourceProgress } from "./source.ts";
import { decompressed } from "./gzip.ts";

/** What reading needs, whatever is read. */
export interface ReadTask {
  readonly intake: Intake;
  readonly maxLineBytes: number;
  readonly progress: (extent: Pick<SourceProgress, "bytes" | "totalBytes">) => void;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
}

/** Reads standard input, plain or gzip, to its end. */
export async function readInput(input: AsyncIterable<Uint8Array>, task: ReadTask): Promise<void> {
  const { intake, signal } = task;
  let bytes = 0;
  let number = 0;
  intake.begin({ identity: "standard input", source: "standard input", fleeting: true });
  const splitter = createLineSplitter(task.maxLineBytes, (line) => {
    number++;
    intake.take(line, number, number);
  });
  const counted = (async function* () {
    for await (const chunk of untilAborted(input, signal)) {
      bytes += chunk.length;
      yield chunk;
    }
  })();
  const commit = async (): Promise<void> => {
    const upTo = bytes;
    await intake.commit(() => task.progress({ bytes: upTo }));
  };
  try {
    for await (const chunk of decompressed(counted, "standard input")) {
      splitter.push(chunk);
      if (intake.full) await commit();
    }
    // An aborted run has not seen the end of the last line.
    if (signal?.aborted !== true) splitter.end();
  } catch (error) {
    // Lines read before the fault are good. If storing them fails too, the first error is the one to tell.
    await commit()
      .then(async () => intake.settle())
      .catch(() => {});
    // Compressed input that is aborted looks cut off.
    if (signal?.aborted !== true || isHeadgateError(error)) throw error;
  }
  await commit();
  await intake.settle();
}

/** Hands on what comes in until the signal, which does not wait for more to come. */
async function* untilAborted(
  input: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const chunks = input[Symbol.asyncIterator]();
  const { promise: aborted, resolve } = Promise.withResolvers<"aborted">();
  const abort = (): void => resolve("aborted");
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    for (;;) {
      const coming = chunks.next();
      const next = await Promise.race([coming, aborted]);
      if (next === "aborted") {
        coming.catch(() => {});
        // An open standard input would keep the process alive.
        if (input instanceof Readable) input.destroy();
        return;
      }
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
