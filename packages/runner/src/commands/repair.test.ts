import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { main } from "../main.ts";
import { capturedTerminal } from "../testing/captured-terminal.ts";
import { headgate, type HeadgateResult, startHeadgate } from "../testing/headgate-process.ts";
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts";

const config = (more: string, stream = ""): string => `
store: { kind: sqlite, path: ./data/headgate.db }
streams:
  - { id: acme-files, organization: acme, sink: file, options: { directory: ./out }, flush: { max_events: 10, max_age: 50ms }${stream} }
delivery: { retry_base: 50ms, retry_cap: 100ms, lease_ttl: 1s }
${more}
`;

const key = String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));

interface Place extends TemporaryFolder {
  readonly out: string;
  run(...args: readonly string[]): Promise<HeadgateResult>;
  /** Appends events and delivers them, and a digest of them. */
  deliver(count: number, action?: string): Promise<void>;
  /** Writes the report of an audit, and resolves to its exit code. */
  audited(): Promise<number | null>;
  repair(...args: readonly string[]): Promise<HeadgateResult>;
}

function place(yaml = config("digests: { key: '${file:./key.pem}' }")): Place {
  const folder = temporaryFolder();
  const file = folder.write("headgate.yaml", yaml);
  folder.write("key.pem", key);
  const path = (name: string): string => join(folder.path, name);
  /** In this process, which is quicker. */
  async function run(...args: readonly string[]): Promise<HeadgateResult> {
    const terminal = capturedTerminal();
    const code = await main(args[0] === "audit" ? [...args] : [...args, "-c", file], terminal);
    return { code, stdout: terminal.stdout(), stderr: terminal.stderr() };
  }
  let appended = 0;
  return {
    path: folder.path,
    out: join(folder.path, "out"),
    write: folder.write.bind(folder),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
    run,
    async deliver(count, action = "a.b") {
      const line = (i: number): string =>
        `{"id":"e-${appended + i}","action":"${action}","actor":{"type":"user","id":"u"}}\n`;
      const events = folder.write("events.ndjson", Array.from({ length: count }, (_, i) => line(i)).join(""));
      appended += count;
      for (const args of [
        ["ingest", events, "--organization", "acme"],
        ["run", "--once"],
      ]) {
        const { code, stderr } = await run(...args);
        if (code !== 0) throw new Error(stderr);
      }
    },
    async audited() {
      const { code, stdout } = await run("audit", path("out"), "--json");
      folder.write("report.json", stdout);
      return code;
    },
    repair: (...args) => run("repair", "--report", path("report.json"), ...args),
  };
}

/** Paths of files, those of events or of digests. What is being written has no name of its own yet. */
function keysOf(directory: string, what: "events" | "digests" = "events"): readonly string[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
  return paths.filter((path) => {
    const [top] = relative(directory, path).split("/");
    return top !== "_incomplete" && (top === "_digests") === (what === "digests");
  });
}

function filesIn(directory: string, what?: "events" | "digests"): ReadonlyMap<string, Buffer> {
  return new Map(keysOf(directory, what).map((path) => [path, readFileSync(path)]));
}

test("what is missing comes back byte for byte, once, however often it is repaired", async () => {
  using at = place();
  await at.deliver(60);
  expect(await at.audited()).toBe(0);
  expect(await at.repair()).toMatchObject({ code: 0, stdout: "There is nothing to repair.\n" });
  const before = filesIn(at.out);
  const [first = "", second = "", , fourth = ""] = before.keys();
  for (const file of [first, second, fourth]) rmSync(file);
  expect(await at.audited()).toBe(3);

  const planned = await at.repair("--dry-run");
  expect([planned.code, planned.stdout]).toEqual([
    0,
    expect.stringMatching(
      /^Stream acme-files: 3 objects, 30 events \(sequences .*\) would be sent again\.\n$/,
    ) as string,
  ]);
  expect(filesIn(at.out).size).toBe(before.size - 3);
  expect(JSON.parse((await at.repair("--dry-run", "--json")).stdout)).toMatchObject({
    repaired: true,
    dry_run: true,
    streams: [{ stream: "acme-files", organization: "acme", objects: 3, events: 30 }],
    remaining: [],
  });

  expect(await at.repair()).toMatchObject({ code: 0, stdout: expect.stringContaining("were sent again") as string });
  const after = filesIn(at.out);
  for (const [file, bytes] of before) expect(after.get(file)).toEqual(bytes);
  expect(await at.audited()).toBe(0);
  const again = await at.repair();
  expect(again.code).toBe(0);
  // What the organization's log tells of the repairs is all that is new.
  await at.deliver(0);
  expect(await at.audited()).toBe(0);
  const told = await at.run("export", "--organization", "acme", "--action", "headgate.stream.*");
  expect(told.stdout).toContain('"reason":"repair"');
});

test("an object that was altered stays until it is moved aside, and is named", async () => {
  using at = place();
  await at.deliver(30);
  const before = filesIn(at.out);
  const [altered = "", gone = ""] = before.keys();
  const bytes = Buffer.from(before.get(altered) ?? "");
  bytes[bytes.length - 4] = 0x58;
  writeFileSync(altered, bytes);
  rmSync(gone);
  expect(await at.audited()).toBe(3);
  const { code, stdout } = await at.repair();
  expect([code, stdout]).toEqual([3, expect.stringContaining("1 object, 10 events") as string]);
  expect(stdout).toContain(`${relative(at.out, altered)} of stream acme-files: what is at its key stays`);
  expect(readFileSync(altered)).toEqual(bytes);
  expect(readFileSync(gone)).toEqual(before.get(gone));
  renameSync(altered, join(at.path, "aside"));
  expect(await at.audited()).toBe(3);
  expect(await at.repair()).toMatchObject({ code: 0 });
  expect(readFileSync(altered)).toEqual(before.get(altered));
  expect(await at.audited()).toBe(0);
});

test("what a missing digest named comes back, and the digest does not", async () => {
  using at = place();
  for (let i = 0; i < 3; i++) await at.deliver(10);
  const digests = filesIn(at.out, "digests");
  const [, second = ""] = digests.keys();
  const sequences = JSON.parse(String(digests.get(second)).split("\n")[0] ?? "") as {
    readonly objects: readonly { readonly key: string }[];
  };
  const object = join(at.out, sequences.objects[0]?.key ?? "");
  const bytes = readFileSync(object);
  for (const file of [second, object]) rmSync(file);
  expect(await at.audited()).toBe(3);
  const { code, stdout } = await at.repair();
  expect([code, stdout]).toEqual([3, expect.stringContaining("10 events") as string]);
  expect(stdout).toContain("digest 2 of stream acme-files: a digest is signed once");
  expect(readFileSync(object)).toEqual(bytes);
  writeFileSync(second, digests.get(second) ?? "");
  expect(await at.audited()).toBe(0);

  // With its end, or its beginning, a chain loses what nobody can name.
  for (const [cut, from] of [
    [digests.size, "end"],
    [1, "beginning"],
  ] as const) {
    const file = [...digests.keys()][cut - 1] ?? "";
    const { objects } = JSON.parse(String(digests.get(file)).split("\n")[0] ?? "") as typeof sequences;
    const lost = objects.map(({ key: name }) => join(at.out, name));
    const there = lost.map((path) => readFileSync(path));
    for (const path of [file, ...lost]) rmSync(path);
    const { stdout: report } = await at.run("audit", at.out, "--json", "--until", "2999-01-01");
    at.write("report.json", report);
    expect([from, (await at.repair()).code]).toEqual([from, 3]);
    expect(lost.map((path) => readFileSync(path))).toEqual(there);
    writeFileSync(file, digests.get(file) ?? "");
  }
});

test("killed at any moment it is started again, and nothing is doubled", async () => {
  using at = place();
  await at.deliver(600);
  const before = filesIn(at.out);
  for (const file of keysOf(at.out).filter((_, i) => i % 3 !== 1)) rmSync(file);
  expect(await at.audited()).toBe(3);
  const codes: (number | null)[] = [];
  for (let kill = 0; kill < 3; kill++) {
    const there = keysOf(at.out).length;
    await using process = startHeadgate(["repair", "-c", "headgate.yaml", "--report", "report.json"], { cwd: at.path });
    let over = false;
    void process.ended.then(() => (over = true));
    while (!over && keysOf(at.out).length === there) await wait(2);
    process.kill("SIGKILL");
    codes.push((await process.ended).code);
  }
  // One may have been done before the signal came.
  expect(codes).toContain(null);
  expect(codes.filter((code) => code !== null && code !== 0)).toEqual([]);
  expect(await at.repair()).toMatchObject({ code: 0 });
  for (const [file, bytes] of before) expect(filesIn(at.out).get(file)).toEqual(bytes);
  expect(await at.audited()).toBe(0);
});

test("a runner at work delivers the repair, which then needs none of its secrets", async () => {
  using at = place();
  await at.deliver(30);
  const before = filesIn(at.out);
  rmSync([...before.keys()][0] ?? "");
  expect(await at.audited()).toBe(3);
  at.write("headgate.yaml", config("digests: { key: '${env:DIGEST_KEY}' }"));
  await using runner = startHeadgate(["run", "-c", "headgate.yaml"], { cwd: at.path, env: { DIGEST_KEY: key } });
  await runner.said("running");
  const args = ["repair", "-c", "headgate.yaml", "--report", "report.json"];
  expect(await headgate(args, { cwd: at.path, env: { DIGEST_KEY: undefined } })).toMatchObject({ code: 0 });
  for (const [file, bytes] of before) expect(filesIn(at.out).get(file)).toEqual(bytes);
});

test("a stream that cannot deliver is told of, and its replay stays for later", async () => {
  using at = place();
  await at.deliver(30);
  const before = filesIn(at.out);
  rmSync([...before.keys()][0] ?? "");
  expect(await at.audited()).toBe(3);
  renameSync(at.out, join(at.path, "away"));
  writeFileSync(at.out, "no folder");
  const { code, stdout } = await at.repair("--patience", "1s");
  expect([code, stdout]).toEqual([1, expect.stringContaining("has stood still for 1 s") as string]);
  rmSync(at.out);
  renameSync(join(at.path, "away"), at.out);
  expect(await at.repair()).toMatchObject({ code: 0 });
  expect(await at.audited()).toBe(0);
});

test("without digests the stream is named, and what it left out by its filter is told of", async () => {
  using at = place(config("", ", filter: { exclude: [{ action: noise }] }"));
  await at.deliver(20);
  await at.deliver(5, "noise");
  await at.deliver(20);
  const before = filesIn(at.out);
  // Neither the first nor the last one: without digests nothing tells that an end is gone.
  const [middle = ""] = [...before].find(([, bytes]) => bytes.includes('"sequence":11}')) ?? [];
  rmSync(middle);
  expect(await at.audited()).toBe(3);
  expect(await at.repair()).toMatchObject({ code: 2, stderr: expect.stringContaining("--stream ID") as string });
  expect((await at.repair("--stream", "nobody")).code).toBe(1);
  const { code, stdout } = await at.repair("--stream", "acme-files");
  expect([code, stdout]).toEqual([3, expect.stringContaining("1 object, 10 events") as string]);
  expect(stdout).toContain("sequences 21 to 25 of stream acme-files: the stream's filter left them out");
  for (const [file, bytes] of before) expect(filesIn(at.out).get(file)).toEqual(bytes);
});

test("a report is believed in nothing that the store does not know of", async () => {
  using at = place();
  await at.deliver(10);
  rmSync(keysOf(at.out)[0] ?? "");
  expect(await at.audited()).toBe(3);
  const text = readFileSync(join(at.path, "report.json"), "utf8");
  const cases: readonly (readonly [string, number, string])[] = [
    ["{", 2, "/report.json is no report of `headgate audit --json`: it is not one JSON value."],
    ["[]", 2, "it must be an object, not an array."],
    [text.replace('"complete":false', '"complete":1'), 2, "$.complete must be a boolean, not a number."],
    [text.replace(/"sequences":\[\d+,/, '"sequences":[99999,'), 2, "begins before 1, or after its end."],
    [text.replaceAll('"acme-files"', '"globex-files"'), 3, "the store has no such stream of this organization"],
    [text.replaceAll('"organization":"acme"', '"organization":"globex"'), 3, "the store has no such stream"],
    [text.replaceAll(/"chain":"[^"]+"/g, '"chain":"another"'), 3, "an earlier life of the stream"],
    [text.replaceAll('"acme-files"', '"\\u001b[2Jx"'), 3, "stream \\u001b[2Jx: the store has no such stream"],
  ];
  for (const [report, code, message] of cases) {
    at.write("report.json", report);
    const result = await at.repair();
    expect([message, result.code, result.stdout + result.stderr]).toEqual([
      message,
      code,
      expect.stringContaining(message) as string,
    ]);
  }
  expect(keysOf(at.out)).toHaveLength(0);
  const piped = await headgate(["repair", "-c", "headgate.yaml", "--report", "-", "--json"], {
    cwd: at.path,
    input: text,
  });
  expect([piped.code, JSON.parse(piped.stdout)]).toMatchObject([0, { repaired: true, dry_run: false }]);
});
