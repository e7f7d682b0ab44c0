import type { Logger } from "@headgate/core";
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

/** Input that cannot be read again: what has been taken out of it is held until the store has it. */
export interface InputReader {
  /** Reads to the end, or to the signal. May be called again after both, and after errors: it goes on where it was. */
  read(task: Pick<ReadTask, "progress" | "signal">): Promise<void>;
  /** The input itself is broken, and all that came out of it is stored: every further call throws the same. */
  readonly broken: boolean;
}

/** Makes the one reader of standard input, plain or gzip. */
export function createInputReader(
  input: AsyncIterable<Uint8Array>,
  { intake, maxLineBytes }: Pick<ReadTask, "intake" | "maxLineBytes">,
): InputReader {
  let bytes = 0;
  let number = 0;
  let ended = false;
  let fault: { readonly error: unknown } | undefined;
  let broken = false;
  /** Asked for and not yet come: an aborted run leaves it to the next one. */
  let coming: Promise<IteratorResult<Buffer>> | undefined;
  intake.begin({ identity: "standard input", source: "standard input", by: "both" });
  const splitter = createLineSplitter(maxLineBytes, (line) => {
    number++;
    intake.take(line, number, number);
  });
  const counted = (async function* () {
    for await (const chunk of input) {
      bytes += chunk.length;
      yield chunk;
    }
  })();
  // Nobody calls its `return`: that would close the input, and with it what other runs have still to read.
  const chunks = decompressed(counted, "standard input");

  async function next(aborted: Promise<"aborted">): Promise<Buffer | undefined | "aborted"> {
    coming ??= chunks.next();
    // A run that was aborted does not wait for it, and may be the last.
    coming.catch(() => {});
    try {
      const result = await Promise.race([coming, aborted]);
      if (result === "aborted") return result;
      coming = undefined;
      return result.done === true ? undefined : result.value;
    } catch (error) {
      fault = { error };
      return undefined;
    }
  }

  return {
    get broken() {
      return broken;
    },
    async read({ progress, signal }) {
      const commit = async (): Promise<void> => {
        const upTo = bytes;
        await intake.commit(() => progress({ bytes: upTo }));
      };
      const { promise: aborted, resolve } = Promise.withResolvers<"aborted">();
      const abort = (): void => resolve("aborted");
      if (signal?.aborted === true) abort();
      signal?.addEventListener("abort", abort, { once: true });
      keepAlive(input, true);
      try {
        intake.resend();
        while (!ended && fault === undefined) {
          if (intake.full) await commit();
          const chunk = await next(aborted);
          if (chunk === "aborted") break;
          if (chunk === undefined) {
            ended = fault === undefined;
            // Of a broken input the end of the last line is unknown.
            if (ended) splitter.end();
          } else splitter.push(chunk);
        }
        // Lines before the fault are good. While the store refuses them, its error is told, and another run has a point.
        await commit();
        await intake.settle();
        if (fault === undefined) return;
        broken = true;
        throw fault.error;
      } finally {
        signal?.removeEventListener("abort", abort);
        keepAlive(input, false);
      }
    },
  };
}

/** Whether an input that is open, and silent, keeps the process from ending. */
function keepAlive(input: AsyncIterable<Uint8Array>, yes: boolean): void {
  const handle = input as { ref?: () => unknown; unref?: () => unknown };
  if (yes) handle.ref?.();
  else handle.unref?.();
}
