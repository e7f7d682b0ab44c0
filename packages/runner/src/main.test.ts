import { describe, expect, it } from "vitest";
import { commands } from "./commands/registry.ts";
import { main } from "./main.ts";
import { capturedTerminal } from "./testing/captured-terminal.ts";

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const terminal = capturedTerminal();
  const code = await main(args, terminal);
  return { code, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

const names = Object.entries(commands).flatMap(([name, entry]) =>
  "commands" in entry ? Object.keys(entry.commands).map((sub) => [name, sub]) : [[name]],
);

describe("headgate", () => {
  it("shows every command", async () => {
    const { code, stdout } = await run("--help");
    expect(code).toBe(0);
    for (const [name] of names) expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
  });

  it("shows them, as a mistake, when nothing is said", async () => {
    expect(await run()).toMatchObject({ code: 2, stdout: expect.stringContaining("Commands:") as string });
    expect(await run("streams")).toMatchObject({ code: 2, stdout: expect.stringContaining("resume") as string });
  });

  it.each(Object.entries(commands).flatMap(([name, entry]) => ("commands" in entry ? [[name, entry] as const] : [])))(
    "shows an example of %s that there is",
    async (name, { commands: own }) => {
      const { stdout } = await run(name, "--help");
      const [, word = ""] = new RegExp(`\\nExample:\\n {2}headgate ${name} (\\S+)`).exec(stdout) ?? [];
      expect(Object.keys(own)).toContain(word);
    },
  );

  it.each(names)("tells of %s %s, with options and an example", async (...name) => {
    const { code, stdout } = await run(...name, "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: headgate ${name.join(" ")} \\[options\\]`));
    expect(stdout).toMatch(/Examples?:\n {2}\S/);
    expect(stdout).toContain("--json");
    expect(stdout.split("\n").filter((line) => line.length > 160)).toEqual([]);
  });

  it.each([
    [["aduit"], 'There is no command "headgate aduit". Did you mean "audit"?'],
    [["banana"], 'There is no command "headgate banana". See headgate --help.'],
    [["streams", "liist"], 'There is no command "headgate streams liist". Did you mean "list"?'],
    [["run", "--onec"], '"headgate run" has no option --onec. Did you mean --once?'],
    [["status", "-x"], '"headgate status" has no option -x. See headgate status --help.'],
    [["run", "--config"], "Option '-c, --config <value>' argument missing. See headgate run --help."],
    [["status", "extra"], '"headgate status" does not know what to do with "extra". See headgate status --help.'],
    [["export"], "--organization ORG is missing."],
    [["export", "--organization", "o", "--format", "xml"], "--format must be ndjson or csv."],
    [
      ["export", "--organization", "o", "--from", "yesterday"],
      "--from must be a UTC date or an RFC 3339 time, such as 2025-07-16 or 2025-07-16T09:00:00Z.",
    ],
    [["run", "--patience", "soon"], "--patience must be a duration such as 30s or 5m."],
    [["run", "--patience", "-5s"], '--patience needs a value, which may not begin with "-". See headgate run --help.'],
    [["run", "--patience=-5s"], "--patience must be a duration such as 30s or 5m."],
    [
      ["export", "--organization", "o", "--from", "2025-07-17", "--to", "2025-07-16"],
      "--from is later than --to: there is no time between them.",
    ],
    [["audit"], "The folder or s3://bucket/prefix is missing."],
    [["audit", "gs://bucket"], '"gs://bucket" is neither a folder nor s3://bucket/prefix.'],
    [
      ["quarantine", "show"],
      "Name an event with --stream ID --sequence N, or a source record with --source PATH --line N.",
    ],
    [["quarantine", "show", "--stream", "s", "--sequence", "0"], "--sequence N must be a whole number from 1."],
    [["streams", "replay", "s", "--first-sequence", "0"], "--first-sequence must be a whole number from 1."],
  ])("refuses %j in one sentence", async (args, sentence) => {
    expect(await run(...args)).toEqual({ code: 2, stdout: "", stderr: `${sentence}\n` });
  });

  it("shows a stack only when asked", async () => {
    expect((await run("status", "-c", "gone.yaml")).stderr).not.toMatch(/^\s+at /m);
    expect((await run("status", "-c", "gone.yaml", "--debug")).stderr).toMatch(/^\s+at /m);
  });

  it("prints its version, as text and as JSON", async () => {
    expect(await run("version")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^headgate \d+\.\d+\.\d+ /) as string,
    });
    const { stdout } = await run("--version", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ node: process.versions.node });
  });
});
