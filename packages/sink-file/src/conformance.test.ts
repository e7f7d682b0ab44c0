import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { isHeadgateError } from "@headgate/core";
import type { ReceivedBatch, SinkBackend } from "@headgate/sink-testkit";
import { ndjsonBatch, sinkConformance, sinkContext } from "@headgate/sink-testkit";
import { describe, test } from "vitest";
import { fileSink } from "./file-sink.ts";
import { folderObjects } from "./folder-objects.ts";
import type { FileSinkOptions } from "./options.ts";
import { canMount, mounted, temporaryFolder } from "./temporary-folder.fixture.ts";

const mountable = await canMount();

async function fileBackend(options: Omit<FileSinkOptions, "directory">): Promise<SinkBackend> {
  const folder = await temporaryFolder();
  const directory = join(folder.path, "out");
  const aside = join(folder.path, "aside");
  let mend = async (): Promise<void> => {};

  /** Puts something else in the folder's place, and says how to take it away again. */
  async function replace(put: () => Promise<void>): Promise<() => Promise<void>> {
    await mkdir(directory, { recursive: true });
    await rename(directory, aside);
    await put();
    return async () => {
      await rm(directory);
      await rename(aside, directory);
    };
  }

  return {
    create: (overrides) => fileSink().create({ ...options, directory }, sinkContext(overrides)),
    received: () => receivedFrom(directory),
    async script([fault]) {
      await mend();
      mend = async () => {};
      if (fault?.kind === "denied") mend = await replace(() => writeFile(directory, ""));
      if (fault?.kind === "missing")
        mend = await replace(() => symlink(join(folder.path, "nowhere/at/all"), directory));
      if (fault?.kind === "full") {
        await mkdir(directory, { recursive: true });
        const full = mounted(directory, "size=4k");
        await writeFile(join(directory, "_ballast"), Buffer.alloc(4096));
        mend = async () => full[Symbol.dispose]();
      }
    },
    async [Symbol.asyncDispose]() {
      await mend();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function receivedFrom(directory: string): Promise<readonly ReceivedBatch[]> {
  const batches: ReceivedBatch[] = [];
  try {
    for await (const object of folderObjects(directory)) {
      const { key } = object;
      const bytes = await buffer(object.read());
      const body = key.endsWith(".gz") ? gunzipSync(bytes) : key.endsWith(".zst") ? zstdDecompressSync(bytes) : bytes;
      batches.push(ndjsonBatch(key, body));
    }
  } catch (error) {
    // The folder is made with the first delivery; in its place there may be a file.
    if (!isHeadgateError(error, "file_unreadable")) throw error;
  }
  return batches;
}

describe.each<Omit<FileSinkOptions, "directory">>([
  {},
  { compression: "gzip", layout: "basic" },
  { compression: "zstd", level: 1, prefix: "acme/headgate/" },
])("fileSink %j", (options) => {
  sinkConformance({
    test,
    harness: {
      faults: ["denied", "missing", ...(mountable ? (["full"] as const) : [])],
      secrets: [],
      open: () => fileBackend(options),
    },
  });
});
