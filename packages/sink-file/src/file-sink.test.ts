import { createHash } from "node:crypto";
import { watch } from "node:fs";
import { mkdir, readFile, readdir, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { DeliveryResult, Logger, Sink, VerificationStep } from "@headgate/core";
import { silentLogger } from "@headgate/core";
import { auditEvent, auditEvents, chunkOf, deliveryContext, sinkContext } from "@headgate/sink-testkit";
import { describe, expect, it } from "vitest";
import { fileSink } from "./file-sink.ts";
import { folderObjects } from "./folder-objects.ts";
import { incompleteFolder, incompleteName, thisWriter } from "./incomplete.ts";
import type { FileSinkOptions } from "./options.ts";
import { canMount, mounted, temporaryFolder } from "./temporary-folder.fixture.ts";

const mountable = await canMount();
const needsMount = "a small file system cannot be mounted here: that takes root on Linux";
const events = auditEvents(3);

function sinkIn(directory: string, options: Omit<FileSinkOptions, "directory"> = {}, logger?: Logger): Sink {
  return fileSink().create({ directory, ...options }, sinkContext(logger === undefined ? {} : { logger }));
}

function deliver(sink: Sink, batch = events): Promise<DeliveryResult> {
  return sink.deliver(chunkOf(sink, batch), deliveryContext());
}

async function keysOf(directory: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of folderObjects(directory)) keys.push(key);
  return keys;
}

async function verify(sink: Sink): Promise<VerificationStep[]> {
  const steps: VerificationStep[] = [];
  for await (const step of sink.verify?.({ signal: new AbortController().signal }) ?? []) steps.push(step);
  return steps;
}

describe("fileSink", () => {
  it("writes NDJSON under the hour of its events, named by their time and the SHA-1 of the file", async () => {
    await using folder = await temporaryFolder();
    const sink = sinkIn(folder.path);
    const batch = [
      auditEvent({ sequence: 1, occurred_at: "2025-07-16T09:52:31.999Z" }),
      auditEvent({ sequence: 2, occurred_at: "2025-07-16T09:52:30.123Z" }),
    ];
    const result = await deliver(sink, batch);
    const [key = ""] = await keysOf(folder.path);
    const body = await readFile(join(folder.path, key));
    expect(body.toString()).toBe(batch.map((event) => `${JSON.stringify(event)}\n`).join(""));
    const sha1 = createHash("sha1").update(body).digest("hex");
    expect(key).toBe(`year=2025/month=07/day=16/hour=09/2025-07-16T09:52:30_${sha1}`);
    expect(result).toMatchObject({ status: "delivered", receipt: key, object: { key } });
  });

  it.each<[Omit<FileSinkOptions, "directory">, RegExp]>([
    [{ compression: "gzip" }, /^year=2025\/.*T09:52:30_([0-9a-f]{40})\.json\.gz$/],
    [{ compression: "zstd", layout: "basic" }, /\/20250716T095230Z_([0-9a-f]{40})\.json\.zst$/],
    [{ prefix: "acme/part-" }, /^acme\/part-year=2025\/month=07\/day=16\/hour=09\/[^/]*_([0-9a-f]{40})$/],
  ])("names files of %j by their bytes as stored", async (options, shape) => {
    await using folder = await temporaryFolder();
    await deliver(sinkIn(folder.path, options));
    const [key = ""] = await keysOf(folder.path);
    const sha1 = createHash("sha1").update(await readFile(join(folder.path, key)));
    expect(shape.exec(key)?.[1]).toBe(sha1.digest("hex"));
  });

  it("lets the group read files and enter folders, and nobody else", async () => {
    await using folder = await temporaryFolder();
    const directory = join(folder.path, "new/out");
    await deliver(sinkIn(directory));
    const [key = ""] = await keysOf(directory);
    // The process's umask may take more away.
    expect((await stat(join(directory, key))).mode & 0o777 & ~0o640).toBe(0);
    expect((await stat(directory)).mode & 0o777 & ~0o750).toBe(0);
    expect((await stat(join(directory, "year=2025/month=07"))).mode & 0o777 & ~0o750).toBe(0);
  });

  it("leaves a file that is there already untouched", async () => {
    await using folder = await temporaryFolder();
    await deliver(sinkIn(folder.path));
    const [key = ""] = await keysOf(folder.path);
    const before = await stat(join(folder.path, key));
    expect(await deliver(sinkIn(folder.path))).toMatchObject({ status: "delivered", receipt: key });
    const after = await stat(join(folder.path, key));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
    expect(await readdir(join(folder.path, incompleteFolder))).toEqual([]);
  });

  it("stops in the middle of a file when it is aborted, and leaves nothing of it", async () => {
    await using folder = await temporaryFolder();
    const incomplete = join(folder.path, incompleteFolder);
    await mkdir(incomplete);
    const sink = sinkIn(folder.path);
    const chunk = chunkOf(sink, auditEvents(5, 1, { metadata: { noise: "x".repeat(12 * 1024 * 1024) } }));
    const controller = new AbortController();
    const watcher = watch(incomplete, () => controller.abort(new Error("shutdown")));
    await expect(sink.deliver(chunk, deliveryContext({ signal: controller.signal }))).rejects.toThrow("shutdown");
    watcher.close();
    expect([await readdir(incomplete), await keysOf(folder.path)]).toEqual([[], []]);
  });

  it("holds the stream when a file of that name has another size, and writes it again once that is moved away", async () => {
    await using folder = await temporaryFolder();
    const sink = sinkIn(folder.path);
    await deliver(sink);
    const [key = ""] = await keysOf(folder.path);
    await truncate(join(folder.path, key), 10);
    expect(await deliver(sink)).toMatchObject({ status: "blocked", error: { code: "object_damaged" } });
    expect((await stat(join(folder.path, key))).size).toBe(10);
    await rm(join(folder.path, key));
    expect(await deliver(sink)).toMatchObject({ status: "delivered" });
  });

  it("makes its folders again when they are removed while it runs", async () => {
    await using folder = await temporaryFolder();
    const sink = sinkIn(join(folder.path, "out"));
    await deliver(sink);
    await rm(join(folder.path, "out"), { recursive: true });
    expect(await deliver(sink)).toMatchObject({ status: "delivered" });
    expect(await keysOf(join(folder.path, "out"))).toHaveLength(1);
  });

  it.each([
    ["a file in place of the folder", "file"],
    ["a file above the folder", "file/out"],
    ["a place where no folder can be made", "/proc/nowhere/out"],
  ])("holds the stream at %s, and says what to do", async (_, path) => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "file"), "");
    const sink = sinkIn(path.startsWith("/") ? path : join(folder.path, path));
    const result = await deliver(sink);
    expect(result).toMatchObject({ status: "blocked", error: { code: "file_unwritable" } });
    expect(result).toHaveProperty("error.hint");
    const steps = await verify(sink);
    expect(steps.map((step) => step.status)).toEqual(["failed", "skipped", "skipped", "skipped"]);
  });

  it("retries while the disk is full, and leaves nothing half written", async ({ skip }) => {
    skip(!mountable, needsMount);
    await using folder = await temporaryFolder();
    using _ = mounted(folder.path, "size=2m");
    const sink = sinkIn(folder.path);
    const noise = "0123456789abcdef".repeat(65_536);
    const big = auditEvents(3, 1, { metadata: { noise } });
    const result = await deliver(sink, big);
    expect(result).toMatchObject({ status: "retry", error: { code: "disk_full", vendorCode: "ENOSPC" } });
    expect(await keysOf(folder.path)).toEqual([]);
    expect(await readdir(join(folder.path, incompleteFolder))).toEqual([]);
    expect(await deliver(sink)).toMatchObject({ status: "delivered" });
  });

  it("holds the stream while the file system is read-only", async ({ skip }) => {
    skip(!mountable, needsMount);
    await using folder = await temporaryFolder();
    const sink = sinkIn(folder.path);
    {
      using _ = mounted(folder.path, "ro,size=64k");
      const error = {
        code: "file_unwritable",
        vendorCode: "EROFS",
        message: expect.stringContaining(folder.path) as string,
      };
      expect(await deliver(sink)).toMatchObject({ status: "blocked", error });
      expect((await verify(sink)).map((step) => step.status)).toContain("failed");
    }
    expect(await deliver(sink)).toMatchObject({ status: "delivered" });
  });

  it("removes leftovers of killed processes with its first delivery, and says so", async () => {
    await using folder = await temporaryFolder();
    const incomplete = join(folder.path, incompleteFolder);
    const name = incompleteName({ ...thisWriter, token: "0123456789ab" }, 0);
    await mkdir(incomplete);
    await writeFile(join(incomplete, name), "half");
    await utimes(join(incomplete, name), 0, 0);
    const said: string[] = [];
    await deliver(sinkIn(folder.path, {}, { ...silentLogger, info: (message) => void said.push(message) }));
    expect(await readdir(incomplete)).toEqual([]);
    expect(said).toHaveLength(1);
  });

  it("refuses a name that leads out of its folder, even from a window sealed elsewhere", async () => {
    await using folder = await temporaryFolder();
    const sink = sinkIn(join(folder.path, "out"));
    const chunk = chunkOf(sink, events);
    const encoding = JSON.stringify({ ...(JSON.parse(chunk.encoding) as object), prefix: "../" });
    const result = await sink.deliver({ ...chunk, encoding }, deliveryContext());
    expect(result).toMatchObject({ status: "blocked", error: { code: "sink_options_invalid" } });
    expect(await keysOf(folder.path)).toEqual([]);
  });

  it("leaves no trace of a verification", async () => {
    await using folder = await temporaryFolder();
    const steps = await verify(sinkIn(join(folder.path, "out")));
    expect(steps.map(({ name, status }) => `${name} ${status}`)).toEqual([
      "folder ok",
      "write ok",
      "rename ok",
      "remove ok",
    ]);
    const files = await readdir(folder.path, { recursive: true, withFileTypes: true });
    expect(files.filter((entry) => entry.isFile()).map((entry) => basename(entry.name))).toEqual([]);
  });

  it("takes the options of a configuration file, and refuses those it does not know", () => {
    const operator = { allowInsecureEndpoint: false, directory: "/etc/headgate" };
    expect(fileSink().fromConfig({ directory: "./out", compression: "zstd" }, operator)).toEqual({
      directory: resolve("/etc/headgate/out"),
      compression: "zstd",
    });
    expect(fileSink().fromConfig({ directory: "/var/audit" }, operator).directory).toBe(resolve("/var/audit"));
    expect(() => fileSink().fromConfig({ directory: "./out", bucket: "b" }, operator)).toThrow(/bucket is no option/);
  });
});
