import { resolve } from "node:path";
import type { DeliveryResult, Sink, SinkContext, SinkDefinition } from "@headgate/core";
import { HeadgateError, anotherObject, canEncodeObject, digestKey, encodeObject, objectEncoding } from "@headgate/core";
import { durableFolder } from "./durable-folder.ts";
import { failureOf } from "./failure.ts";
import { removeLeftovers } from "./incomplete.ts";
import type { FileSinkOptions } from "./options.ts";
import { checkOptions } from "./options.ts";
import { fileSinkSchema } from "./schema.ts";
import { verifyFolder } from "./verify-folder.ts";

const mebibyte = 1024 * 1024;
const cleaningIntervalMs = 3_600_000;

/**
 * Writes audit events to a folder, in the layout of the S3 sink: one NDJSON file for each chunk of an hour, named by its
 * time and the SHA-1 of its bytes. A file is whole, durable and never changed again, or it is not there.
 *
 * @example
 * ```ts
 * const headgate = createHeadgate({ store, sinks: [fileSink()] });
 * await headgate.streams.create("org_1", { sink: "file", options: { directory: "./out", compression: "zstd" } });
 * ```
 */
export function fileSink(): SinkDefinition<"file", FileSinkOptions> {
  return {
    type: "file",
    schema: fileSinkSchema,
    fromConfig(options, { directory: start }) {
      // Every option is one word, so the file form and the code form are the same.
      const given = checkOptions(options as unknown as FileSinkOptions);
      return start === undefined ? given : { ...given, directory: resolve(start, given.directory) };
    },
    location: ({ directory, prefix = "" }) => `${resolve(directory)}/${prefix}`,
    create: (options, context) => createFileSink(checkOptions(options), context),
  };
}

function createFileSink(options: FileSinkOptions, context: SinkContext): Sink {
  const { directory: given, ...layout } = options;
  const directory = resolve(given);
  const folder = durableFolder(directory);
  let cleanedAt = Number.NEGATIVE_INFINITY;
  let closed = false;

  /** Once in an hour of deliveries. That leftovers stay is no reason not to deliver. */
  async function clean(): Promise<void> {
    const now = context.clock.now();
    if (now - cleanedAt < cleaningIntervalMs) return;
    cleanedAt = now;
    try {
      const files = await removeLeftovers(directory, now);
      if (files > 0) context.logger.info("Removed files that a killed process left unfinished.", { directory, files });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "unknown";
      context.logger.warn("Cannot look for files that a killed process left unfinished.", { directory, code });
    }
  }

  function throwIfClosed(): void {
    if (closed) throw new HeadgateError("sink_closed", `The file sink of ${context.stream} has been disposed of.`);
  }

  function failed(error: unknown, signal: AbortSignal): DeliveryResult {
    signal.throwIfAborted();
    const failure = failureOf(error, directory);
    if (failure === undefined) throw error;
    return failure;
  }

  return {
    name: "file",
    acknowledgement: "stored",
    partition: "hour",
    host: `file:${directory}`,
    limits: {
      maxEvents: 100_000,
      maxBytes: 64 * mebibyte,
      // A folder takes any size; whoever reads NDJSON holds a line in memory, and many give up far below this.
      maxEventBytes: 16 * mebibyte,
      // Enough to have one body compressed while others wait for the disk, and at most 256 MiB of bodies.
      concurrency: 4,
    },
    flush: { maxAgeMs: 300_000, maxBytes: 64 * mebibyte, maxEvents: 100_000 },
    encoding: objectEncoding(layout),
    canEncode: canEncodeObject,

    async deliver(chunk, { signal }) {
      throwIfClosed();
      signal.throwIfAborted();
      try {
        await clean();
        const object = await encodeObject(chunk);
        const other = anotherObject(chunk, object);
        if (other !== undefined) return other;
        signal.throwIfAborted();
        await folder.write(object.key, object.bytes, signal);
        const { key, sha1, sha256, bytes } = object;
        return { status: "delivered", receipt: key, object: { key, sha1, sha256, bytes: bytes.length } };
      } catch (error) {
        return failed(error, signal);
      }
    },

    digests: {
      key: (chain, number) => digestKey({ prefix: layout.prefix ?? "", ...chain }, number),
      async deliver({ key, bytes }, { signal }) {
        throwIfClosed();
        signal.throwIfAborted();
        try {
          const outcome = await folder.writeOnce(key, bytes, signal);
          return {
            status: "delivered",
            receipt: key,
            present: outcome === "written" ? false : outcome === "present" || "other",
          };
        } catch (error) {
          return failed(error, signal);
        }
      },
    },

    verify: ({ signal }) => verifyFolder(directory, signal),

    async [Symbol.asyncDispose]() {
      closed = true;
    },
  };
}
