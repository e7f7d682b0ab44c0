import { createReadStream } from "node:fs";
import { sep } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { HeadgateError } from "@headgate/core";
import { createFileReader } from "./file-reader.ts";
import { sizeOf } from "./folder-place.ts";
import type { AuditPlace } from "./place.ts";

/**
 * The files whose paths a list names, one a line; keys are the paths as they stand, without `./` and doubled slashes. Empty lines
 * are passed over. The list is read once, as it comes.
 * @throws `file_unreadable` where the list or one of its files cannot be read
 */
export function filesPlace(list: string | Readable): AuditPlace {
  const keyOf = (path: string): string =>
    path
      .replaceAll(sep, "/")
      .replaceAll(/\/(?:\.?\/)+/g, "/")
      .replace(/^(?:\.\/)+/, "");
  return {
    prefix: "",
    chosen: true,
    async *list() {
      const input = typeof list === "string" ? createReadStream(list) : list;
      const failed = new Promise<never>((_, reject) => {
        input.once("error", (cause: NodeJS.ErrnoException) =>
          reject(
            new HeadgateError("file_unreadable", `The list of files cannot be read (${cause.code ?? cause.message}).`, {
              hint: "Give a file with one path a line, or - for standard input.",
              cause,
            }),
          ),
        );
      });
      failed.catch(() => {});
      const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
      for (;;) {
        const next = await Promise.race([lines.next(), failed]);
        if (next.done === true) break;
        const path = next.value.trim();
        if (path !== "") yield { key: keyOf(path), size: sizeOf(path) };
      }
    },
    read: createFileReader(),
  };
}
