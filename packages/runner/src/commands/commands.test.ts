import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { main } from "../main.ts";
import { capturedTerminal } from "../testing/captured-terminal.ts";
import { headgate, type HeadgateResult, startHeadgate } from "../testing/headgate-process.ts";
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts";

/** A folder with a configuration. */
interface Project extends TemporaryFolder {
  /** Runs a command as a user does: a process of its own, in the folder. */
  run(...args: string[]): Promise<HeadgateResult>;
  /** Runs a command in this process, which is quicker: for what looks at the outcome of another one. */
  here(...args: string[]): Promise<HeadgateResult>;
  /** What {@link Project.here} prints with `--json`. */
  json(...args: string[]): Promise<Record<string, unknown>>;
}

const yaml = `store: { kind: sqlite, path: ./data/headgate.db }
sources:
  - { kind: file, path: events.ndjson, organization: acme }
streams:
  - { id: acme-files, organization: acme, sink: file, options: { directory: ./out } }
delivery: { retry_base: 50ms, retry_cap: 100ms, blocked_probe: 100ms }
`;

const following = yaml
  .replace("organization: acme }\nstreams", "organization: acme, follow: true }\nstreams")
  .replace("./out }", "./out }, flush: { max_age: 50ms }")
  .replace("delivery: {", "delivery: { lease_ttl: 1s,");

function project(config: string = yaml): Project {
  const folder = temporaryFolder();
  const file = folder.write("headgate.yaml", config);
  async function here(...args: string[]): Promise<HeadgateResult> {
    const terminal = capturedTerminal();
    const code = await main(args[0] === "audit" ? args : [...args, "-c", file], terminal);
    return { code, stdout: terminal.stdout(), stderr: terminal.stderr() };
  }
  return {
    path: folder.path,
    write: folder.write.bind(folder),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
    run: (...args) => headgate(args, { cwd: folder.path }),
    here,
    async json(...args) {
      const { stdout, stderr } = await here(...args, "--json");
      if (stdout === "") throw new Error(stderr);
      return JSON.parse(stdout) as Record<string, unknown>;
    },
  };
}

/** The files of a folder by their path in it, those of events alone. */
function filesIn(directory: string): ReadonlyMap<string, Buffer> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => relative(directory, join(parentPath, name)));
  return new Map(
    paths
      .filter((path) => path.startsWith("year="))
      .toSorted()
      .map((path) => [path, readFileSync(join(directory, path))]),
  );
}

/** Events of one user, a minute after another. */
function eventLines(count: number, { from = 1, day = "2025-07-16" } = {}): string {
  return Array.from({ length: count }, (_, i) => {
    const at = new Date(Date.parse(`${day}T00:00:00Z`) + (i + from) * 60_000).toISOString();
    return `{"id":"e-${day}-${i + from}","occurred_at":"${at}","action":"user.login","actor":{"type":"user","id":"u_${i % 3}"}}\n`;
  }).join("");
}

/** One sentence or a few, no stack, nothing of an unexpected error. */
function expectSentence({ stderr }: HeadgateResult): void {
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr).not.toContain("nothing expected");
}

describe("headgate run --once", () => {
  it("delivers every line, sets the bad ones apart, and does nothing twice", async () => {
    using folder = project();
    folder.write("events.ndjson", `${eventLines(150)}not json\n${eventLines(2, { from: 151 })}`);
    expect(await folder.json("run", "--once")).toMatchObject({
      complete: true,
      streams: [
        {
          id: "acme-files",
          accepted: 152,
          delivered: 152,
          quarantined: 0,
          pending: 0,
          health: { state: "active" },
          last_streamed: { sequence: 152 },
        },
      ],
      sources: [{ read: 153, accepted: 152, duplicates: 0, rejected: 1 }],
    });
    expect(await folder.json("audit", join(folder.path, "out"))).toMatchObject({
      complete: true,
      objects: 3,
      events: 152,
      first_sequence: 1,
      last_sequence: 152,
      gaps: [],
      duplicates: [],
      bad_objects: [],
    });
    const again = await folder.run("run", "--once");
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/acme-files +acme +file +active +152 +0 +0/);
    expect(again.stdout).toMatch(/events\.ndjson +0 +0 +0 +0/);
    expect(await folder.json("audit", join(folder.path, "out"))).toMatchObject({
      complete: true,
      objects: 3,
      events: 152,
    });
  });

  it("leaves a last line without its end, says so, and fails until it is ended", async () => {
    using folder = project();
    const path = folder.write("events.ndjson", `${eventLines(2)}{"half`);
    const sentence = `1 line without an end was left: ${path} line 3 (6 bytes). It may still be being written: end the line and run again.`;
    const text = await folder.here("run", "--once");
    expect(text.code).toBe(1);
    expect(text.stdout).toContain(sentence);
    expect(await folder.json("run", "--once")).toMatchObject({
      complete: false,
      sources: [{ read: 0, incomplete: { line: 3, bytes: 6 } }],
    });
    const ingested = await folder.here("ingest", "--organization", "beta", path);
    expect(ingested).toMatchObject({ code: 1, stdout: expect.stringContaining(sentence) as string });
    expect(await folder.json("ingest", "--organization", "beta", path)).toMatchObject({
      accepted: 0,
      incomplete: { line: 3, bytes: 6 },
    });
    folder.write("events.ndjson", `${eventLines(2)}{"half\n`);
    const ended = await folder.json("run", "--once");
    expect(ended).toMatchObject({ complete: true, sources: [{ read: 1, rejected: 1 }] });
    expect(JSON.stringify(ended)).not.toContain("incomplete");
  });

  it("reads standard input", async () => {
    using folder = project(yaml.replace("path: events.ndjson", 'path: "-"'));
    const { code } = await headgate(["run", "--once"], { cwd: folder.path, input: eventLines(3) });
    expect(code).toBe(0);
    expect(await folder.json("audit", join(folder.path, "out"))).toMatchObject({ events: 3 });
  });

  it("fails on a source that does not exist, and delivers the others", async () => {
    using folder = project(
      yaml.replace("sources:\n", "sources:\n  - { kind: file, path: gone.ndjson, organization: acme }\n"),
    );
    folder.write("events.ndjson", eventLines(2));
    const result = await folder.run("run", "--once");
    expect(result.code).toBe(1);
    expectSentence(result);
    expect(result.stderr).toMatch(/The source .*gone\.ndjson does not exist\./);
    expect(result.stdout).toMatch(/acme-files .* 2 +0 +0/);
  });

  it("says what is left on a destination that cannot be written, keeps it, and goes on once it is mended", async () => {
    using folder = project();
    folder.write("events.ndjson", eventLines(5));
    folder.write("out", "a file where the folder should be");
    const broken = await folder.run("run", "--once", "--patience", "300ms");
    expect(broken.code).toBe(1);
    expectSentence(broken);
    expect(broken.stderr).toContain(
      "5 events are still pending on acme-files. They are kept: mend the destination, then run again.",
    );
    const status = await folder.here("status");
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(/acme-files has been (blocked|degraded|disconnected) since .*out/);
    rmSync(join(folder.path, "out"));
    expect((await folder.run("run", "--once")).code).toBe(0);
    expect(await folder.json("audit", join(folder.path, "out"))).toMatchObject({ complete: true, events: 5 });
  });

  it("writes where the configuration file is, wherever it is started", async () => {
    using folder = project();
    folder.write("events.ndjson", eventLines(1));
    const { code } = await headgate(["run", "--once", "-c", join(folder.path, "headgate.yaml")], { cwd: "/" });
    expect(code).toBe(0);
    expect(existsSync(join(folder.path, "out")) && existsSync(join(folder.path, "data", "headgate.db"))).toBe(true);
  });

  it("ends with 2 on a configuration with mistakes, all of them with their lines", async () => {
    using folder = project(`${yaml}streems: []\nretention: soon\n`);
    for (const args of [["run", "--once"], ["validate"]]) {
      const result = await folder.run(...args);
      expect(result.code).toBe(2);
      expectSentence(result);
      expect(result.stderr).toContain('headgate.yaml:7: streems is an unknown key; did you mean "streams"?');
      expect(result.stderr).toContain("headgate.yaml:8: retention must look like 30d.");
    }
    expect(existsSync(join(folder.path, "data"))).toBe(false);
    expect(await folder.json("validate")).toMatchObject({
      valid: false,
      problems: [
        { path: "streems", line: 7 },
        { path: "retention", line: 8 },
      ],
    });
  });

  it("refuses in validate what run would refuse: web identity, as the runner issues no tokens", async () => {
    const options = "{ bucket: acme-logs, region: eu-west-1, credentials: { web_identity: { role_arn: ROLE } } }";
    const role = "arn:aws:iam::111122223333:role/headgate";
    using folder = project(
      yaml.replace("sink: file, options: { directory: ./out }", `sink: s3, options: ${options.replace("ROLE", role)}`),
    );
    const result = await folder.here("validate");
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expectSentence(result);
    expect(result.stderr).toMatch(/headgate\.yaml:5: streams\[0\]\.options .*issues no tokens.*assume_role/);
    expect((await folder.here("run", "--once")).code).toBe(2);
  });

  it("says what is wrong with the place of its store", async () => {
    using folder = project(yaml.replace("./data/headgate.db", "./file/headgate.db"));
    folder.write("file", "");
    folder.write("events.ndjson", "");
    const result = await folder.run("run", "--once");
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expectSentence(result);
    expect(result.stderr).toMatch(/The store's folder .*file cannot be made \(\w+\)\./);
  });

  it("says what is wrong with a file that is no store, and leaves it alone", async () => {
    using folder = project();
    mkdirSync(join(folder.path, "data"));
    const file = folder.write("data/headgate.db", "this is somebody's diary, not a store\n".repeat(200));
    const before = readFileSync(file);
    folder.write("events.ndjson", "");
    const result = await folder.run("run", "--once");
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expectSentence(result);
    expect(result.stderr).toMatch(/headgate\.db/);
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

describe("headgate run", () => {
  it("follows a file until SIGTERM, then ends in order with 0", async () => {
    using folder = project(following);
    folder.write("events.ndjson", eventLines(2));
    await using runner = startHeadgate(["run"], { cwd: folder.path });
    await runner.said('"msg":"running"');
    writeFileSync(join(folder.path, "events.ndjson"), eventLines(3, { from: 3 }), { flag: "a" });
    await until(async () => (await deliveredBy(folder)) === 5);
    runner.kill("SIGTERM");
    const { code, stderr } = await runner.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('"msg":"stopped"');
    expect(await folder.json("audit", join(folder.path, "out"))).toMatchObject({ complete: true, events: 5 });
  });

  it("has a second one stand by and take over when the first one dies", async () => {
    using folder = project(following);
    folder.write("events.ndjson", eventLines(2));
    await using first = startHeadgate(["run"], { cwd: folder.path });
    await until(async () => existsSync(join(folder.path, "out")));
    await using second = startHeadgate(["run"], { cwd: folder.path });
    await second.said("standing by");
    first.kill("SIGKILL");
    await first.ended;
    writeFileSync(join(folder.path, "events.ndjson"), eventLines(2, { from: 3 }), { flag: "a" });
    await until(async () => (await deliveredBy(folder)) === 4);
    second.kill("SIGTERM");
    expect((await second.ended).code).toBe(0);
    expect(await folder.json("audit", join(folder.path, "out"))).toMatchObject({ complete: true, events: 4 });
  });

  it("ends at once at the second signal", async () => {
    using folder = project();
    folder.write("events.ndjson", "");
    await using runner = startHeadgate(["run"], { cwd: folder.path });
    await runner.said('"msg":"running"');
    runner.kill("SIGINT");
    runner.kill("SIGINT");
    expect([0, 130]).toContain((await runner.ended).code);
  });

  it("waits for a source that is not there yet", async () => {
    using folder = project(yaml.replace("./out }", "./out }, flush: { max_age: 50ms }"));
    await using runner = startHeadgate(["run"], { cwd: folder.path });
    await runner.said("a source failed and is tried again");
    folder.write("events.ndjson", eventLines(2));
    await until(async () => (await deliveredBy(folder)) === 2);
    expect(runner.stderr()).toContain("does not exist");
  });
});

describe("headgate ingest", () => {
  it("reads a file once, and what is new in it later", async () => {
    using folder = project();
    const file = folder.write("more.ndjson", `${eventLines(3)}{}\n`);
    expect(await folder.json("ingest", "--organization", "acme", file)).toEqual({
      source: file,
      organization: "acme",
      read: 4,
      accepted: 3,
      duplicates: 0,
      rejected: 1,
    });
    writeFileSync(file, eventLines(1, { from: 4 }), { flag: "a" });
    const second = await folder.run("ingest", "--organization", "acme", "more.ndjson");
    expect(second).toMatchObject({ code: 0, stdout: `${file}: 1 read, 1 accepted, 0 duplicates, 0 rejected.\n` });
  });

  it("maps foreign records, from standard input, without the streams' secrets", async () => {
    using folder = project(yaml.replace("{ directory: ./out }", "{ directory: '${env:NOT_SET}' }"));
    folder.write("mapping.yaml", "action: what\nactor: { type: { const: user }, id: who }\n");
    const input = '{"what":"a.b","who":"w"}\n{"what":"a.b"}\n';
    const { code, stdout } = await headgate(["ingest", "--organization", "acme", "--mapping", "mapping.yaml", "-"], {
      cwd: folder.path,
      input,
    });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "standard input: 2 read, 1 accepted, 0 duplicates, 1 rejected.\n",
    });
    const exported = await folder.here("export", "--organization", "acme");
    expect(JSON.parse(exported.stdout)).toMatchObject({
      action: "a.b",
      actor: { type: "user", id: "w" },
      metadata: { what: "a.b", who: "w" },
    });
  });

  it("says in one sentence what is missing", async () => {
    using folder = project();
    for (const [code, sentence, ...args] of [
      [1, /The source .*gone\.ndjson does not exist/, "ingest", "--organization", "acme", "gone.ndjson"],
      [
        2,
        /--mapping names .*gone\.yaml, which does not exist/,
        "ingest",
        "--organization",
        "acme",
        "--mapping",
        "gone.yaml",
        "-",
      ],
      [
        2,
        /gone\.yaml does not exist|gone\.yaml: does not exist/,
        "ingest",
        "--organization",
        "acme",
        "-c",
        "gone.yaml",
        "-",
      ],
    ] as const) {
      const result = await folder.run(...args);
      expect(result.stderr).toMatch(sentence);
      expect(result.code).toBe(code);
      expectSentence(result);
    }
  });
});

describe("looking at a store", () => {
  it("makes none where there is none", async () => {
    using folder = project();
    for (const args of [
      ["status"],
      ["streams", "list"],
      ["quarantine", "list"],
      ["export", "--organization", "acme"],
    ]) {
      const result = await folder.here(...args);
      expect(result).toMatchObject({ code: 1, stdout: "" });
      expectSentence(result);
      expect(result.stderr).toMatch(/There is no store at .*headgate\.db\. Start `headgate run`/);
    }
    expect(existsSync(join(folder.path, "data"))).toBe(false);
  });

  it("exports a day, an action, an actor, as NDJSON and CSV", async () => {
    using folder = project();
    folder.write("events.ndjson", eventLines(3) + eventLines(3, { day: "2025-07-17" }));
    await folder.here("run", "--once");
    const lines = async (...args: string[]): Promise<string[]> =>
      (await folder.here("export", "--organization", "acme", ...args)).stdout.trim().split(/\r?\n/);
    expect(await lines()).toHaveLength(6);
    const day = (await lines("--from", "2025-07-17", "--to", "2025-07-18")).map(
      (line) => (JSON.parse(line) as { sequence: number }).sequence,
    );
    expect(day).toEqual([4, 5, 6]);
    expect(await lines("--actor", "u_1", "--action", "user.*")).toHaveLength(2);
    const csv = await lines("--format", "csv", "--to", "2025-07-17T00:00:00+00:00");
    expect(csv).toHaveLength(4);
    expect(csv[0]).toMatch(/^sequence,occurred_at,id,/);
    const unknown = await folder.here("export", "--organization", "acme2");
    expect(unknown).toMatchObject({
      code: 2,
      stderr: 'The journal holds nothing of an organization "acme2", and never has.\n',
    });
  });

  it("pauses, resumes and deletes a stream", async () => {
    using folder = project();
    folder.write("events.ndjson", eventLines(2));
    await folder.here("run", "--once");
    expect(await folder.here("streams", "pause", "acme-files")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("is paused") as string,
    });
    writeFileSync(join(folder.path, "events.ndjson"), eventLines(1, { from: 3 }), { flag: "a" });
    const paused = await folder.here("run", "--once");
    expect(paused.code).toBe(1);
    expect(paused.stderr).toContain(
      // With the one that says who has paused it.
      "2 events are still pending on acme-files. They are kept: `headgate streams resume` goes on.",
    );
    expect(await folder.json("streams", "list")).toMatchObject({
      streams: [{ id: "acme-files", paused: true, declared: true, sink: "file" }],
    });
    const refused = await folder.here("streams", "delete", "acme-files");
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("--force") as string });
    expect((await folder.here("streams", "resume", "acme-files")).code).toBe(0);
    expect((await folder.here("run", "--once")).code).toBe(0);
    expect((await folder.here("streams", "delete", "acme-files")).code).toBe(0);
    const told = await folder.here("export", "--organization", "acme", "--action", "headgate.stream.*");
    const changes = told.stdout.split("\n").filter(Boolean);
    expect(changes.map((line) => (JSON.parse(line) as { action: string }).action)).toEqual([
      "headgate.stream.paused",
      "headgate.stream.resumed",
      "headgate.stream.deleted",
    ]);
    expect(changes[0]).toContain('"actor":{"type":"operator","id":"headgate-cli"}');
    expect(await folder.json("streams", "list")).toEqual({ streams: [] });
    expect(await folder.here("streams", "pause", "acme-files")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no stream "acme-files"') as string,
    });
  });

  it("fills the gap that an audit finds, under the same names and with nothing doubled", async () => {
    using folder = project();
    folder.write("events.ndjson", eventLines(150));
    await folder.here("run", "--once");
    const out = join(folder.path, "out");
    const before = filesIn(out);
    expect(before.size).toBe(3);
    rmSync(join(out, [...before.keys()][1] ?? ""));
    expect((await folder.here("audit", out)).code).toBe(3);
    const asked = await folder.here("streams", "replay", "acme-files", "--to", "2025-07-17");
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining("--status") as string });
    expect((await folder.here("streams", "replay", "acme-files")).stderr).toContain("is replaying a range already");
    expect((await folder.here("run", "--once")).code).toBe(0);
    expect(await folder.json("streams", "replay", "acme-files", "--status")).toMatchObject({
      state: "done",
      objects: before.size,
      events: 150,
      range: { to: "2025-07-17T00:00:00.000Z" },
    });
    // The trace of the replay itself is the one object that is new.
    const after = filesIn(out);
    for (const [name, bytes] of before) expect(after.get(name)).toEqual(bytes);
    expect(after.size).toBe(before.size + 1);
    expect((await folder.here("audit", out)).code).toBe(0);
    const told = await folder.here("export", "--organization", "acme", "--action", "headgate.*");
    expect(told.stdout).toContain('"action":"headgate.stream.replayed"');
    const traced = await folder.here("export", "--organization", "acme", "--action", "headgate.audit_log.*");
    expect(traced.stdout).toContain('"metadata":{"format":"ndjson","through_sequence":151,"action":"headgate.*"}');
    expect(await folder.here("streams", "replay", "acme-files", "--status", "--from", "2025-07-16")).toMatchObject({
      code: 2,
    });
    expect(await folder.here("streams", "replay", "acme-files", "--first-sequence", "0")).toMatchObject({ code: 2 });
  });

  it("creates a stream beside those of the file, and checks its options", async () => {
    using folder = project(yaml.replace(/streams:\n.*\n/, ""));
    folder.write("events.ndjson", eventLines(2));
    folder.write("options.yaml", `directory: ${folder.path}/created\ncompression: zstd\n`);
    folder.write("wrong.yaml", "directry: x\n");
    const create = ["streams", "create", "--organization", "acme", "--sink", "file", "--id", "made"];
    const wrong = await folder.here(...create, "--options", join(folder.path, "wrong.yaml"));
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('did you mean "directory"?');
    for (const [text, message] of [
      ["directory: [\n", "broken.yaml is not valid YAML or JSON: "],
      ["- directory\n", "broken.yaml must hold a mapping of options."],
    ] as const) {
      const broken = await folder.here(...create, "--options", folder.write("broken.yaml", text));
      expect(broken).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(message) as unknown });
    }
    const missing = await folder.here(...create, "--options", join(folder.path, "missing.yaml"));
    expect(missing.stderr).toContain("missing.yaml cannot be read (ENOENT)");
    expect(await folder.json(...create, "--options", join(folder.path, "options.yaml"))).toMatchObject({
      id: "made",
      pending: 0,
    });
    // The same again changes nothing; another one of that id is refused.
    expect((await folder.here(...create, "--options", join(folder.path, "options.yaml"))).code).toBe(0);
    folder.write("other.yaml", `directory: ${folder.path}/elsewhere\n`);
    expect((await folder.here(...create, "--options", join(folder.path, "other.yaml"))).code).toBe(1);
    expect((await folder.here("run", "--once")).code).toBe(0);
    expect(await folder.json("audit", join(folder.path, "created"))).toMatchObject({ complete: true, events: 3 });
    const verified = await folder.here("streams", "verify", "made");
    expect(verified.code).toBe(0);
    expect(verified.stdout).toMatch(/^✓ /m);
  });

  it("verifies a stream of the file before it ever ran, and ends with 3 where a step fails", async () => {
    using folder = project();
    expect(await folder.json("streams", "verify", "acme-files")).toMatchObject({ ok: true });
    rmSync(join(folder.path, "out"), { recursive: true });
    folder.write("out", "");
    const failed = await folder.here("streams", "verify", "acme-files");
    expect(failed.code).toBe(3);
    expect(failed.stdout).toMatch(/^✗ /m);
    expect(await folder.here("streams", "verify", "nope")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no stream "nope"') as string,
    });
  });
});

describe("headgate quarantine", () => {
  it("lists, shows, hands on and discards a line that was no event", async () => {
    using folder = project();
    const source = folder.write("events.ndjson", `${eventLines(1)}{"what":"a.b","who":"secret-name"}\n`);
    await folder.here("run", "--once");
    const list = await folder.here("quarantine", "list");
    expect(list.stdout).toMatch(/events\.ndjson +line 2 +acme +held .*event_invalid/);
    expect(list.stdout).not.toContain("secret-name");
    const place = ["--source", source, "--line", "2"];
    const { stdout: raw } = await folder.here("quarantine", "show", ...place, "--raw");
    expect(raw).toBe('{"what":"a.b","who":"secret-name"}\n');
    expect(await folder.json("quarantine", "show", ...place)).toMatchObject({
      kind: "record",
      line: 2,
      content: raw.trim(),
      reason: { code: "event_invalid" },
    });
    folder.write("mapping.yaml", "action: what\nactor: { type: { const: user }, id: who }\n");
    const again = await headgate(["ingest", "--organization", "acme", "--mapping", "mapping.yaml", "-"], {
      cwd: folder.path,
      input: raw,
    });
    expect(again.stdout).toContain("1 accepted");
    expect((await folder.here("quarantine", "retry", ...place)).stderr).toContain("headgate quarantine show --raw");
    expect(await folder.here("quarantine", "discard", ...place)).toMatchObject({ code: 0, stdout: "Discarded.\n" });
    expect((await folder.here("quarantine", "list")).stdout).toBe("The quarantine is empty.\n");
    expect((await folder.here("quarantine", "discard", ...place)).code).toBe(2);
  });
});

describe("sentences", () => {
  it("calls an unknown stream unknown, with one code, whatever was asked of it", async () => {
    using folder = project();
    folder.write("events.ndjson", eventLines(1));
    await folder.here("run", "--once");
    const event = ["--stream", "nope", "--sequence", "1"];
    for (const args of [
      ["quarantine", "show", ...event],
      ["quarantine", "retry", ...event],
      ["quarantine", "discard", ...event],
      ["quarantine", "list", "--stream", "nope"],
      ...["verify", "pause", "resume", "reseal", "delete"].map((verb) => ["streams", verb, "nope"]),
    ]) {
      const { code, stderr } = await folder.here(...args);
      expect([args, code, stderr]).toEqual([args, 1, expect.stringContaining('There is no stream "nope"')]);
    }
    const { stderr } = await folder.here("export", "--organization", "acme");
    expect(stderr).toBe("1 event written.\n");
  });

  it("asks for the mapping where every line was rejected", async () => {
    using folder = project();
    const path = folder.write("events.ndjson", '{"foreign":1}\n{"foreign":2}\n');
    const sentence = `Every line of ${path} was rejected: is this the right mapping?`;
    expect((await folder.here("run", "--once")).stderr).toContain(sentence);
    expect((await folder.here("run", "--once")).stderr).not.toContain(sentence);
    expect((await folder.here("ingest", "--organization", "beta", path)).stderr).toContain(sentence);
  });

  it("says in words what a pattern allows", async () => {
    using folder = project(yaml.replace("./out }", "./out, prefix: ../up }"));
    expect((await folder.here("validate")).stderr).toMatch(
      /prefix must look like headgate\/: .*no part begins with a dot or an underscore\.\n/,
    );
  });
});

describe("headgate audit", () => {
  it("finds what was taken away, doubled and altered", async () => {
    using folder = project();
    folder.write("events.ndjson", eventLines(200));
    await folder.run("run", "--once");
    const out = join(folder.path, "out");
    const keys = readdirSync(out, { recursive: true, encoding: "utf8" })
      .filter((name) => /_[0-9a-f]{40}$/.test(name))
      .sort();
    expect(keys).toHaveLength(4);
    const [first, second, third, fourth] = keys.map((key) => join(out, key)) as [string, string, string, string];
    rmSync(second);
    const doubled = readFileSync(first);
    const copy = Buffer.from(doubled.toString().replace("u_1", "u_9"));
    writeFileSync(first.replace(/_[0-9a-f]{40}$/, `_${createHash("sha1").update(copy).digest("hex")}`), copy);
    writeFileSync(fourth, Buffer.concat([readFileSync(fourth), Buffer.from("{}\n")]));
    const { code, stdout } = await folder.run("audit", "out", "--json");
    expect(code).toBe(3);
    const report = JSON.parse(stdout) as { duplicates: number[]; bad_objects: { key: string; reason: string }[] };
    expect(report).toMatchObject({
      complete: false,
      objects: 4,
      first_sequence: 1,
      last_sequence: 200,
      gaps: [[60, 119]],
    });
    expect(report.duplicates).toEqual(Array.from({ length: 59 }, (_, i) => i + 1));
    expect(report.bad_objects).toEqual([
      {
        key: fourth.slice(out.length + 1),
        reason: expect.stringMatching(/^the SHA-1 .*; line 22 has no organization id/) as string,
      },
    ]);
    const text = await folder.run("audit", "out");
    expect(text.code).toBe(3);
    expect(text.stdout).toMatch(/NOT complete.*\n.*\n {2}missing: 60 events: 60–119\n {2}more than once: 1, 2, 3/);
    expect(existsSync(third)).toBe(true);
  });

  it("says from where to where it is complete, whose it is, and what it cannot see", async () => {
    using folder = project();
    folder.write("events.ndjson", eventLines(5));
    await folder.run("run", "--once");
    const { code, stdout } = await folder.run("audit", "out", "--organization", "acme");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^out: events 1 to 5 are complete: 5 events in .*\nWhat came before the first event or after/,
    );
    const other = await folder.run("audit", "out", "--organization", "beta");
    expect([other.code, other.stdout]).toEqual([3, expect.stringContaining("another organization than beta")]);
  });

  it("does not call nothing complete", async () => {
    using folder = project();
    mkdirSync(join(folder.path, "empty"));
    for (const [place, sentence] of [
      ["empty", "There are no objects under empty."],
      ["gone", "gone does not exist."],
      ["headgate.yaml", "headgate.yaml is no folder."],
    ] as const) {
      const result = await folder.run("audit", place, "--json");
      expect(result).toMatchObject({ code: 1, stdout: "" });
      expectSentence(result);
      expect(result.stderr).toContain(sentence);
    }
  });
});

describe("standard output that cannot be written", () => {
  const to = (sink: string): readonly string[] => ["sh", "-c", `"$@" ${sink}`, "sh"];
  const missing = !existsSync("/dev/full");

  it.skipIf(missing)("is told in one sentence", async () => {
    using folder = project();
    folder.write("events.ndjson", eventLines(3));
    await folder.here("run", "--once");
    for (const args of [["export", "--organization", "acme"], ["status"], ["audit", "out"]]) {
      expect(await headgate(args, { cwd: folder.path, before: to("> /dev/full") })).toMatchObject({
        code: 1,
        stderr: "standard output cannot be written: no space left on device (ENOSPC)\n",
      });
    }
  });

  it("is no failure where its reader has had enough", async () => {
    using folder = project();
    folder.write("events.ndjson", eventLines(20_000));
    await folder.here("ingest", "--organization", "acme", join(folder.path, "events.ndjson"));
    const before = to("| head -c 1; exit ${PIPESTATUS[0]}").with(0, "bash");
    const piped = await headgate(["export", "--organization", "acme"], { cwd: folder.path, before });
    expect(piped).toMatchObject({ code: 0, stdout: "{", stderr: "" });
  });
});

const root = process.getuid?.() === 0;
const unshares = spawnSync("unshare", ["-rm", "sh", "-c", "mount -t tmpfs none /mnt"]).status === 0;

describe("a disk that is full", () => {
  it.skipIf(!unshares)("loses nothing: the source and the stream go on once there is room", async ({ skip }) => {
    if (!unshares) skip("needs unshare(1) with mounts, to make a small disk");
    using folder = project(yaml.replace("./out", "./small/out"));
    folder.write("events.ndjson", eventLines(3000));
    mkdirSync(join(folder.path, "small"));
    // The folder of the stream is a disk of 64 KiB, seen by that process alone.
    const before = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=64k none small && exec "$@"', "sh"];
    const full = await headgate(["run", "--once", "--patience", "300ms"], { cwd: folder.path, before });
    expect(full.code).toBe(1);
    expectSentence(full);
    expect(full.stderr).toMatch(/events are still pending on acme-files/);
    const status = (await folder.json("status")) as {
      streams: { health: { last_error: { code: string; message: string } } }[];
    };
    expect(status.streams[0]?.health.last_error).toMatchObject({ code: "disk_full" });
    expect(JSON.stringify(status)).not.toContain("u_1");
  });

  it.skipIf(!unshares)("refuses events when the store has no room, and takes them later", async () => {
    using folder = project();
    folder.write("events.ndjson", eventLines(20_000));
    mkdirSync(join(folder.path, "data"));
    const before = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=700k none data && exec "$@"', "sh"];
    const full = await headgate(["ingest", "--organization", "acme", "events.ndjson"], { cwd: folder.path, before });
    expect(full.code).toBe(1);
    expectSentence(full);
    expect(full.stderr).toMatch(/is full/);
    // That store went away with its disk; on a larger one the same file is taken whole.
    expect(await folder.json("ingest", "--organization", "acme", join(folder.path, "events.ndjson"))).toMatchObject({
      accepted: 20_000,
    });
  });
});

describe("a folder that may not be written", () => {
  const uid = 65_534;
  const who = root ? { uid } : {};

  it("holds the stream and keeps its events", async () => {
    using folder = project();
    folder.write("events.ndjson", eventLines(2));
    mkdirSync(join(folder.path, "out"), { mode: 0o555 });
    mkdirSync(join(folder.path, "data"), { mode: 0o777 });
    chmodSync(join(folder.path, "data"), 0o777);
    chmodSync(folder.path, 0o755);
    const result = await headgate(["run", "--once", "--patience", "300ms"], { cwd: folder.path, ...who });
    expect(result.code).toBe(1);
    expectSentence(result);
    expect(result.stdout).toMatch(/acme-files +acme +file +blocked +0 +0 +0 +0 +2/);
    expect(result.stdout).toMatch(/acme-files has been blocked since .*out/);
    chmodSync(join(folder.path, "out"), 0o777);
    expect((await headgate(["run", "--once"], { cwd: folder.path, ...who })).code).toBe(0);
    expect(await folder.json("audit", join(folder.path, "out"))).toMatchObject({ complete: true, events: 2 });
  });

  it("is named where the store should be, and a source that may not be read as well", async () => {
    using folder = project();
    const source = folder.write("events.ndjson", "");
    mkdirSync(join(folder.path, "data"), { mode: 0o555 });
    chmodSync(folder.path, 0o755);
    const store = await headgate(["run", "--once"], { cwd: folder.path, ...who });
    expect(store).toMatchObject({ code: 1, stdout: "" });
    expectSentence(store);
    expect(store.stderr).toMatch(/headgate\.db/);
    chmodSync(join(folder.path, "data"), 0o777);
    chmodSync(source, 0o000);
    const unreadable = await headgate(["run", "--once"], { cwd: folder.path, ...who });
    expect(unreadable.code).toBe(1);
    expectSentence(unreadable);
    expect(unreadable.stderr).toMatch(/The source .*events\.ndjson may not be read by this user\./);
    chmodSync(join(folder.path, "headgate.yaml"), 0o000);
    const config = await headgate(["run", "--once"], { cwd: folder.path, ...who });
    expect(config.code).toBe(2);
    expect(config.stderr).toContain("permission denied");
  });
});

async function deliveredBy(folder: Project): Promise<number | undefined> {
  const { streams } = (await folder.json("status")) as { readonly streams: readonly { readonly delivered: number }[] };
  return streams[0]?.delivered;
}

/** Asks until the answer is yes. The test's own time limit is the only clock. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}
