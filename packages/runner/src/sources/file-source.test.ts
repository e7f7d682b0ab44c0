import {
  compileMapping,
  createPreparer,
  HeadgateError,
  isHeadgateError,
  memoryStore,
  silentLogger,
  type AuditEvent,
  type Store,
} from "@headgate/core";
import { appendFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { fileSource, type FileSourceContext, type FileSourceOptions } from "./file-source.ts";
import type { SourceProgress } from "./source.ts";

const line = (n: number | string, more = ""): string => `{"action":"a.${n}","actor":{"type":"user","id":"u"}${more}}\n`;
const lines = (from: number, to: number): string => {
  let text = "";
  for (let n = from; n <= to; n++) text += line(n);
  return text;
};

const storing =
  (store: Store): FileSourceContext["append"] =>
  async (organization, batch) =>
    store.journal.append(organization, batch);

function source(
  options: FileSourceOptions,
  store: Store,
  more: Partial<FileSourceContext> = {},
): ReturnType<typeof fileSource> {
  return fileSource(
    { organization: "org_1", pollMs: 20, ...options },
    {
      store,
      append: storing(store),
      preparer: createPreparer(),
      ...more,
    },
  );
}

async function events(store: Store, organization = "org_1"): Promise<AuditEvent[]> {
  const found: AuditEvent[] = [];
  for await (const group of store.journal.read(organization, { after: 0 })) {
    for (const text of Buffer.from(group.body).toString().trimEnd().split("\n"))
      found.push(JSON.parse(text) as AuditEvent);
  }
  return found;
}

const actions = async (store: Store): Promise<string[]> => (await events(store)).map(({ action }) => action);
const named = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `a.${from + i}`);

async function failure(work: Promise<unknown>): Promise<HeadgateError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (isHeadgateError(error)) return error;
  throw new Error("no HeadgateError came", { cause: error });
}

describe("fileSource", () => {
  it("reads a file to its end, the last line without a line feed included, and goes on there next time", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write("events.ndjson", `\ufeff${lines(1, 3)}\r\n  \n${line(4).trimEnd()}`);
    expect(await source({ path }, store).run()).toEqual({ read: 4, accepted: 4, duplicates: 0, rejected: 0 });
    expect(await source({ path }, store).run()).toEqual({ read: 0, accepted: 0, duplicates: 0, rejected: 0 });
    appendFileSync(path, `\n${lines(5, 6)}`);
    expect(await source({ path }, store).run()).toEqual({ read: 2, accepted: 2, duplicates: 0, rejected: 0 });
    expect(await actions(store)).toEqual(named(1, 6));
  });

  it("sets bad lines apart with number, reason and bytes, and goes on", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const bad = ['{"action":', '{"action":"a"}', "[]", `{"action":"${"x".repeat(2000)}"}`];
    const invalid = Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xff), Buffer.from('"}')]);
    const path = folder.write(
      "events.ndjson",
      Buffer.concat([Buffer.from(`${line(1)}${bad.join("\n")}\n`), invalid, Buffer.from(`\n${line(2)}`)]),
    );
    const summary = await source({ path, maxLineBytes: 1000 }, store).run();
    expect(summary).toEqual({ read: 7, accepted: 2, duplicates: 0, rejected: 5 });
    expect(await actions(store)).toEqual(["a.1", "a.2"]);
    const rejected = await store.quarantine.rejected();
    expect(
      rejected.map(({ organization, source: from, line: number, reason }) => [organization, from, number, reason.code]),
    ).toEqual([
      ["org_1", path, 2, "event_invalid"],
      ["org_1", path, 3, "event_invalid"],
      ["org_1", path, 4, "event_invalid"],
      ["org_1", path, 5, "event_too_large"],
      ["org_1", path, 6, "event_invalid"],
    ]);
    expect(rejected[0]?.reason.message).toContain("line 2: this is not JSON from character 11 on");
    expect(Buffer.from(rejected[1]?.content ?? []).toString()).toBe(bad[1]);
    expect(invalid.equals(rejected[4]?.content ?? Buffer.of())).toBe(true);
  });

  it("maps foreign records of several organizations", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const mapping = compileMapping({ action: "what", actor: { type: { const: "user" }, id: "who" } });
    const path = folder.write(
      "events.ndjson",
      '{"org":"o1","what":"x","who":1}\n{"org":"o2","what":"y","who":2}\n{"what":"z","who":3}\n{"org":"o1","what":"w"}\n',
    );
    const summary = await source({ path, mapping, organization: { from: "org" } }, store).run();
    expect(summary).toEqual({ read: 4, accepted: 2, duplicates: 0, rejected: 2 });
    expect(await events(store, "o2")).toMatchObject([
      { action: "y", actor: { id: "2" }, metadata: { org: "o2", what: "y", who: 2 } },
    ]);
    const rejected = await store.quarantine.rejected();
    expect(rejected.map(({ organization, line: number, reason }) => [organization, number, reason.code])).toEqual([
      ["", 3, "record_unmappable"],
      ["", 4, "record_unmappable"],
    ]);
  });

  it("reads events of Headgate's schema into the organization that they name", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write(
      "events.ndjson",
      line(1, ',"organization":{"id":"o1"}') + line(2, ',"organization":{"id":"o2"}') + line(3),
    );
    const context = { store, append: storing(store), preparer: createPreparer() };
    expect(await fileSource({ path }, context).run()).toMatchObject({ accepted: 2, rejected: 1 });
    expect(await events(store, "o2")).toMatchObject([{ action: "a.2", organization: { id: "o2" } }]);
  });

  it.each([
    ["one member", (text: string) => gzipSync(text)],
    [
      "several members",
      (text: string) => Buffer.concat([gzipSync(text.slice(0, 777)), gzipSync(""), gzipSync(text.slice(777))]),
    ],
  ])("reads gzip of %s, and does not read it again", async (_name, compress) => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write("events.ndjson.gz", compress(lines(1, 5000)));
    expect(await source({ path }, store).run()).toMatchObject({ read: 5000, accepted: 5000 });
    expect(await source({ path }, store).run()).toMatchObject({ read: 0 });
    expect(await actions(store)).toEqual(named(1, 5000));
  });

  it.each([
    ["cut off", (whole: Buffer) => whole.subarray(0, whole.length - 100), "ends in the middle of its gzip data"],
    [
      "followed by something else",
      (whole: Buffer) => Buffer.concat([whole, Buffer.from("{}\n")]),
      "holds damaged gzip data",
    ],
    [
      "followed by what zlib passes over",
      (whole: Buffer) => Buffer.concat([whole, Buffer.of(0, 0x7b, 0x7d)]),
      "holds 3 bytes after its gzip data",
    ],
  ])("says so when gzip data is %s, and keeps what it could read", async (_name, damage, message) => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write("events.ndjson.gz", damage(gzipSync(lines(1, 5000), { level: 0 })));
    const error = await failure(source({ path }, store).run());
    expect([error.code, error.message]).toEqual(["source_failed", expect.stringContaining(message)]);
    const stored = await actions(store);
    expect(stored.length).toBeGreaterThan(4800);
    expect(stored).toEqual(named(1, stored.length));
  });

  it("reads standard input, and recognises the same input piped in again", async () => {
    const store = memoryStore();
    const input = async function* (text: string): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < text.length; i += 7) yield new Uint8Array(Buffer.from(text.slice(i, i + 7)));
    };
    const read = (text: string): Promise<unknown> => source({ path: "-", input: input(text) }, store).run();
    expect(await read(`${line(1)}bad\n${line(2).trimEnd()}`)).toEqual({
      read: 3,
      accepted: 2,
      duplicates: 0,
      rejected: 1,
    });
    expect(await read(`${line(1)}bad\n${line(2)}`)).toEqual({ read: 3, accepted: 0, duplicates: 2, rejected: 1 });
    expect(await read(`${line(3)}worse\n`)).toEqual({ read: 2, accepted: 1, duplicates: 0, rejected: 1 });
    expect(await actions(store)).toEqual(["a.1", "a.2", "a.3"]);
    // Line 2 of one input and line 2 of another are two records.
    expect(await store.quarantine.rejected()).toHaveLength(2);
    const zipped = source(
      {
        path: "-",
        input: (async function* () {
          yield gzipSync(line(4));
        })(),
      },
      store,
    );
    expect(await zipped.run()).toMatchObject({ accepted: 1 });
  });

  it("stops reading standard input at once when it is aborted", async () => {
    const store = memoryStore();
    const stop = new AbortController();
    const input = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${line(1)}{"action":`);
      setTimeout(() => stop.abort(), 10);
      await new Promise(() => {});
    };
    const summary = await source({ path: "-", input: input() }, store).run({ signal: stop.signal });
    expect(summary).toEqual({ read: 1, accepted: 1, duplicates: 0, rejected: 0 });
  });

  it.each([
    ["plain", (text: string) => Buffer.from(text)],
    ["gzip", (text: string) => gzipSync(text)],
  ])("goes on with %s standard input after the store refused a batch, and after an interruption", async (_, form) => {
    const store = memoryStore();
    const input = new PassThrough();
    let calls = 0;
    const append: FileSourceContext["append"] = async (organization, batch) => {
      if (++calls === 2) throw new HeadgateError("store_full", "The store is full.");
      return store.journal.append(organization, batch);
    };
    const reading = source({ path: "-", input }, store, { append });
    const bytes = form(lines(1, 9000));
    for (let at = 0; at < bytes.length - 100; at += 40_000)
      input.write(bytes.subarray(at, Math.min(at + 40_000, bytes.length - 100)));
    expect((await failure(reading.run())).code).toBe("store_full");
    const stop = new AbortController();
    const interrupted = reading.run({ signal: stop.signal });
    await expect.poll(async () => (await store.journal.head("org_1")).lastSequence).toBeGreaterThan(4000);
    stop.abort();
    expect((await interrupted).accepted).toBeLessThan(9000);
    input.end(bytes.subarray(-100));
    expect(await reading.run()).toEqual({ read: 9000, accepted: 9000, duplicates: 0, rejected: 0 });
    expect(await actions(store)).toEqual(named(1, 9000));
  });

  it("fails for good once standard input itself breaks", async () => {
    const store = memoryStore();
    const input = new PassThrough();
    const reading = source({ path: "-", input }, store);
    input.write(`${line(1)}{"act`);
    setImmediate(() => input.destroy(Object.assign(new Error("broken"), { code: "EIO" })));
    for (const _ of [1, 2]) {
      expect((await failure(reading.run())).message).toBe("The source standard input cannot be read (EIO).");
      expect(reading.resumable).toBe(false);
    }
    expect(await actions(store)).toEqual(named(1, 1));
    expect(await store.quarantine.rejected()).toEqual([]);
  });

  it.each([
    ["missing.ndjson", "does not exist"],
    [".", "is a folder"],
  ])("says in one sentence that %s cannot be read", async (name, why) => {
    using folder = temporaryFolder();
    const error = await failure(source({ path: `${folder.path}/${name}` }, memoryStore()).run());
    expect([error.code, error.message]).toEqual(["source_failed", `The source ${folder.path}/${name} ${why}.`]);
  });

  it("passes the store's refusal on, keeps its place, and loses and repeats nothing", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write("events.ndjson", lines(1, 9000));
    let room = 2;
    const append: FileSourceContext["append"] = async (organization, batch) => {
      if (room-- === 0) throw new HeadgateError("store_full", "The store is full.");
      return store.journal.append(organization, batch);
    };
    const error = await failure(source({ path }, store, { append }).run());
    expect([error.code, error.message]).toEqual(["store_full", "The store is full."]);
    const summary = await source({ path }, store, { append }).run();
    expect(summary.duplicates).toBe(0);
    expect(await actions(store)).toEqual(named(1, 9000));
  });

  it("recognises the lines that an interrupted run appended without saving its place", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write("events.ndjson", lines(1, 9000));
    const saved = new Map<string, string>();
    let forget = true;
    const cursors: Store["cursors"] = {
      get: async (key) => saved.get(key),
      async set(key, value) {
        if (forget && key.startsWith("file:") && !value.includes('"offset":0,')) throw new Error("killed");
        saved.set(key, value);
      },
    };
    const context = { store: { ...store, cursors } };
    await expect(source({ path }, store, context).run()).rejects.toThrow("killed");
    expect(await actions(store)).toEqual(named(1, 9000));
    forget = false;
    expect(await source({ path }, store, context).run()).toEqual({
      read: 9000,
      accepted: 0,
      duplicates: 9000,
      rejected: 0,
    });
    expect(await actions(store)).toEqual(named(1, 9000));
  });

  it("keeps one place per organization where several sources read one file", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write("events.ndjson", lines(1, 3));
    await source({ path, organization: "o1" }, store).run();
    expect(await source({ path, organization: "o2" }, store).run()).toMatchObject({ accepted: 3 });
  });

  it("does not read a copy of the same content again, but another content from its beginning", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write("events.ndjson", lines(1, 3));
    await source({ path }, store).run();
    renameSync(path, `${folder.path}/away`);
    writeFileSync(path, lines(1, 4));
    expect(await source({ path }, store).run()).toMatchObject({ read: 1, accepted: 1 });
    writeFileSync(path, line(9) + lines(2, 9));
    expect(await source({ path }, store).run()).toMatchObject({ read: 9, accepted: 9 });
  });

  it("finishes a file that was rotated while it was not running, before it begins the new one", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write("events.ndjson", lines(1, 3));
    await source({ path }, store).run();
    appendFileSync(path, lines(4, 5));
    renameSync(path, `${path}.1`);
    writeFileSync(path, lines(6, 7));
    expect(await source({ path }, store).run()).toMatchObject({ read: 4, accepted: 4 });
    expect(await actions(store)).toEqual(named(1, 7));
  });

  it("leaves a last line alone that is still being written, and says so", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write("events.ndjson", line(1) + line(2).slice(0, -2));
    const reading = source({ path }, store);
    const first = { read: 1, accepted: 1, duplicates: 0, rejected: 0 };
    expect(await reading.run({ once: true })).toEqual({
      ...first,
      incomplete: { line: 2, bytes: line(2).length - 2 },
    });
    appendFileSync(path, line(2).slice(-2) + line(3));
    expect(await reading.run({ once: true })).toEqual({ read: 3, accepted: 3, duplicates: 0, rejected: 0 });
    expect(await actions(store)).toEqual(named(1, 3));
  });

  it.each([
    ["numbers", ".1", ".2", ".3", (text: string) => text],
    ["dates", "-20250718", "-20250717", "-20250716", (text: string) => text],
    ["compressed numbers", ".1", ".2.gz", ".3.gz", gzipSync],
  ])("reads what was rotated away while it was not running, by %s, oldest first", async (_, one, two, three, form) => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write("events.ndjson", lines(1, 3));
    await source({ path }, store).run();
    // A new inode throughout, as compression and copies make one; a half line is all there will ever be.
    renameSync(path, `${path}.kept`);
    folder.write(`events.ndjson${three}`, form(lines(1, 5)));
    folder.write(`events.ndjson${two}`, form(`${lines(6, 7)}{"half`));
    folder.write(`events.ndjson${one}`, lines(8, 9));
    folder.write("events.ndjson.bak", lines(100, 200));
    [three, two, one].forEach((name, i) => utimesSync(`${path}${name}`, 1000 + i, 1000 + i));
    rmSync(`${path}.kept`);
    folder.write("events.ndjson", lines(10, 11));
    expect(await source({ path }, store).run()).toMatchObject({ accepted: 8, rejected: 1 });
    expect(await actions(store)).toEqual(named(1, 11));
    expect(await source({ path }, store).run()).toMatchObject({ read: 0 });
  });

  it("goes on in the rotated files after it was interrupted between them", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write("events.ndjson", lines(1, 3));
    await source({ path }, store).run();
    for (const [name, first] of [
      [".2", 4],
      [".1", 6],
    ] as const) {
      renameSync(path, `${path}${name}`);
      folder.write("events.ndjson", lines(first, first + 1));
    }
    const stop = new AbortController();
    const append: FileSourceContext["append"] = async (organization, batch) => {
      if (batch.length > 0) stop.abort();
      return store.journal.append(organization, batch);
    };
    await source({ path }, store, { append }).run({ signal: stop.signal });
    expect(await actions(store)).toEqual(named(1, 5));
    await source({ path }, store).run();
    expect(await actions(store)).toEqual(named(1, 7));
  });

  it("warns where the file that it read is gone", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const warned: string[] = [];
    const logger = { ...silentLogger, warn: (message: string) => void warned.push(message) };
    const path = folder.write("events.ndjson", lines(1, 3));
    await source({ path }, store).run();
    folder.write("events.ndjson", lines(4, 9));
    await source({ path }, store, { logger }).run();
    expect(warned).toEqual([expect.stringContaining("may have been missed")]);
    expect(await actions(store)).toEqual(named(1, 9));
  });

  it("keeps the rejected lines of every organization that reads the file", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write("events.ndjson", `${line(1)}bad\n`);
    const readers = ["o1", "o2"].map((organization) => source({ path, organization }, store));
    await Promise.all(readers.map((reader) => reader.run()));
    const input = (): AsyncIterable<Uint8Array> => Readable.from([Buffer.from("bad\n")]);
    for (const organization of ["o1", "o2"]) await source({ path: "-", organization, input: input() }, store).run();
    const rejected = await store.quarantine.rejected();
    expect(rejected.map(({ organization }) => organization).sort()).toEqual(["o1", "o1", "o2", "o2"]);
    expect(rejected.map((record) => record.source)).toEqual(expect.arrayContaining([path, `${path} (o2)`]));
  });

  it.each([
    ["after the last run", false],
    ["before the last run has saved its place", true],
  ])("reads a file again that was rewritten in its length and at its edges alike, %s", async (_, early) => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const edge = line("same").repeat(40);
    const path = folder.write("events.ndjson", edge + line(1) + edge);
    const rewrite = (): void => writeFileSync(path, edge + line(2) + edge);
    const append: FileSourceContext["append"] = async (organization, batch) => {
      if (early && batch.length > 0) rewrite();
      return store.journal.append(organization, batch);
    };
    await source({ path }, store, { append }).run();
    if (!early) rewrite();
    expect(await source({ path }, store).run()).toMatchObject({ read: 81, accepted: 81 });
    expect(await actions(store)).toContain("a.2");
    expect(await source({ path }, store).run()).toMatchObject({ read: 0 });
  });

  it("tells how far it is", async () => {
    using folder = temporaryFolder();
    const path = folder.write("events.ndjson", lines(1, 9000));
    const seen: SourceProgress[] = [];
    await source({ path }, memoryStore()).run({ onProgress: (progress) => seen.push(progress) });
    const bytes = lines(1, 9000).length;
    expect(seen.at(-1)).toEqual({ read: 9000, accepted: 9000, duplicates: 0, rejected: 0, bytes, totalBytes: bytes });
    expect(seen.length).toBeGreaterThan(2);
  });

  it("holds two batches at most, however slow the store is", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write("events.ndjson", lines(1, 20_000));
    let open = 0;
    let most = 0;
    const append: FileSourceContext["append"] = async (organization, batch) => {
      most = Math.max(most, ++open);
      expect(batch.length).toBeLessThan(6000);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open--;
      return store.journal.append(organization, batch);
    };
    await source({ path }, store, { append }).run();
    expect(most).toBe(1);
    expect(await actions(store)).toEqual(named(1, 20_000));
  });
});

describe("fileSource that follows", () => {
  interface Following extends AsyncDisposable {
    readonly store: Store;
    readonly path: string;
    readonly logged: string[];
    has(count: number): Promise<void>;
  }

  function follow(path: string, store = memoryStore()): Following {
    const stop = new AbortController();
    const logged: string[] = [];
    const say = (message: string): void => void logged.push(message);
    const logger = { debug: say, info: say, warn: say, error: say };
    const done = source({ path, follow: true }, store, { logger }).run({ signal: stop.signal });
    done.catch(() => {});
    return {
      store,
      path,
      logged,
      has: async (count) => expect.poll(async () => (await store.journal.head("org_1")).lastSequence).toBe(count),
      async [Symbol.asyncDispose]() {
        stop.abort();
        await done;
      },
    };
  }

  it("waits for the file, and for the end of a line", async () => {
    using folder = temporaryFolder();
    await using tail = follow(`${folder.path}/events.ndjson`);
    await expect.poll(() => tail.logged).toContain("waiting for the file to appear");
    writeFileSync(tail.path, lines(1, 2) + line(3).slice(0, 20));
    await tail.has(2);
    appendFileSync(tail.path, line(3).slice(20));
    await tail.has(3);
    expect(await tail.store.quarantine.rejected()).toEqual([]);
    expect(await actions(tail.store)).toEqual(named(1, 3));
  });

  it("goes on through rotation by renaming, with what was written last to the earlier file", async () => {
    using folder = temporaryFolder();
    await using tail = follow(folder.write("events.ndjson", lines(1, 3)));
    await tail.has(3);
    renameSync(tail.path, `${tail.path}.1`);
    appendFileSync(`${tail.path}.1`, lines(4, 5));
    writeFileSync(tail.path, lines(1, 3));
    await tail.has(8);
    appendFileSync(tail.path, line(9));
    await tail.has(9);
    expect(await actions(tail.store)).toEqual([...named(1, 5), ...named(1, 3), "a.9"]);
  });

  it.each([
    ["to less than was read", lines(7, 8)],
    ["and written anew to more than was read", lines(7, 20)],
    ["and written anew to just what was read", lines(5, 9)],
  ])("begins again where the file was truncated %s", async (_name, content) => {
    using folder = temporaryFolder();
    await using tail = follow(folder.write("events.ndjson", lines(1, 5)));
    await tail.has(5);
    truncateSync(tail.path, 0);
    appendFileSync(tail.path, content);
    await tail.has(5 + content.split("\n").length - 1);
    expect(tail.logged).toContain("the file was truncated");
  });

  it("goes on through two rotations between two looks", async () => {
    using folder = temporaryFolder();
    const path = folder.write("events.ndjson", lines(1, 3));
    await using tail = follow(path);
    await tail.has(3);
    renameSync(path, `${path}.2`);
    folder.write("events.ndjson.1", lines(4, 5));
    folder.write("events.ndjson", lines(6, 7));
    await tail.has(7);
    expect(await actions(tail.store)).toEqual(named(1, 7));
  });

  it("notices a rewrite in the same length whose edges are alike", async () => {
    using folder = temporaryFolder();
    const edge = line("same").repeat(40);
    await using tail = follow(folder.write("events.ndjson", edge + line(1) + edge));
    await tail.has(81);
    await new Promise((resolve) => setTimeout(resolve, 50));
    writeFileSync(tail.path, edge + line(2) + edge);
    await tail.has(162);
    expect(tail.logged).toContain("the file was truncated");
  });

  it("continues after a stop where it was", async () => {
    using folder = temporaryFolder();
    const store = memoryStore();
    const path = folder.write("events.ndjson", lines(1, 3) + line(4).slice(0, 9));
    {
      await using tail = follow(path, store);
      await tail.has(3);
    }
    appendFileSync(path, line(4).slice(9) + line(5));
    await using again = follow(path, store);
    await again.has(5);
    expect(await actions(store)).toEqual(named(1, 5));
  });

  it("refuses to follow a compressed file", async () => {
    using folder = temporaryFolder();
    const path = folder.write("events.ndjson.gz", gzipSync(line(1)));
    const error = await failure(source({ path, follow: true }, memoryStore()).run());
    expect([error.code, error.message]).toEqual([
      "source_failed",
      `The source ${path} is compressed, and a compressed file cannot be followed.`,
    ]);
  });
});
