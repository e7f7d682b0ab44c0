import { createPrivateKey, sign, verify, createPublicKey } from "node:crypto";
import { join } from "node:path";
import { secret } from "@headgate/core";
import { sqliteStore } from "@headgate/store-sqlite";
import { aesVault } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { secretsConfig } from "../config/service-config.ts";
import { embedded, type RunnerHeadgate } from "../embedded.ts";
import { main } from "../main.ts";
import { capturedTerminal } from "../testing/captured-terminal.ts";
import { startHeadgate } from "../testing/headgate-process.ts";
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts";

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const terminal = capturedTerminal();
  const code = await main(args, terminal);
  return { code, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

async function newKey(): Promise<string> {
  return (await run("keys", "new")).stdout.trim();
}

function yaml(folder: TemporaryFolder, key: string, previous: readonly string[] = []): string {
  const list = previous.map((one) => `"${one}"`).join(", ");
  return folder.write(
    "headgate.yaml",
    `store: { kind: sqlite, path: ./headgate.db }\nsecrets: { key: "${key}", previous_keys: [${list}] }\n`,
  );
}

function headgateOf(folder: TemporaryFolder, key: string, previous: readonly string[] = []): RunnerHeadgate {
  const vault = aesVault(secretsConfig({ key, previous_keys: previous }));
  return embedded(sqliteStore({ path: join(folder.path, "headgate.db") }), { vault });
}

async function withStreams(folder: TemporaryFolder, key: string, count: number): Promise<void> {
  await using headgate = headgateOf(folder, key);
  for (let i = 0; i < count; i++) {
    const options = { url: `https://hec-${i}.example.com:8088`, token: secret(`token-${i}`) };
    await headgate.streams.create(`org-${i}`, { id: `s-${i}`, sink: "splunk", options });
  }
}

/** Tokens of the streams, as whoever has these keys can open them. */
async function tokens(folder: TemporaryFolder, key: string, count: number): Promise<readonly string[]> {
  await using headgate = headgateOf(folder, key);
  const opened: string[] = [];
  for (let i = 0; i < count; i++) {
    const { token } = (await headgate.streams.options(`s-${i}`)) as { readonly token: { reveal(): string } };
    opened.push(token.reveal());
  }
  return opened;
}

const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `token-${i}`);

describe("headgate keys new", () => {
  it("prints a key that the configuration takes, another one each time, and the rest elsewhere", async () => {
    using folder = temporaryFolder();
    const { code, stdout, stderr } = await run("keys", "new");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(stderr).toContain("previous_keys");
    expect(stderr).not.toContain(stdout.trim());
    expect(await newKey()).not.toBe(stdout.trim());
    expect((await run("validate", "-c", yaml(folder, stdout.trim()))).code).toBe(0);
  });

  it("prints a key that signs digests", async () => {
    const { stdout } = await run("keys", "new", "--digest", "--json");
    const key = createPrivateKey((JSON.parse(stdout) as { readonly key: string }).key);
    expect(key.asymmetricKeyType).toBe("ed25519");
    const signature = sign(undefined, Buffer.from("x"), key);
    expect(verify(undefined, Buffer.from("x"), createPublicKey(key), signature)).toBe(true);
  });
});

describe("headgate keys rotate", () => {
  it("puts every secret under the new key, so that the old one can go", async () => {
    using folder = temporaryFolder();
    const [one, two] = [await newKey(), await newKey()];
    await withStreams(folder, one, 5);
    const file = yaml(folder, two, [one]);
    await expect(tokens(folder, two, 5)).rejects.toMatchObject({ code: "secret_unreadable" });
    const dry = await run("keys", "rotate", "-c", file, "--dry-run");
    expect(dry.stdout).toContain("5 to rotate");
    await expect(tokens(folder, two, 5)).rejects.toMatchObject({ code: "secret_unreadable" });
    expect((await run("keys", "rotate", "-c", file)).stdout).toMatch(/5 streams looked at, 5 rotated/);
    expect(await tokens(folder, two, 5)).toEqual(numbered(5));
    const again = await run("keys", "rotate", "-c", yaml(folder, two), "--json");
    expect(JSON.parse(again.stdout)).toEqual({ streams: 5, rotated: 0, failed: [], dry_run: false });
  });

  it("says whose secrets it could not open, and does the others", async () => {
    using folder = temporaryFolder();
    const [lost, one, two] = [await newKey(), await newKey(), await newKey()];
    await withStreams(folder, one, 3);
    {
      await using headgate = headgateOf(folder, lost);
      const options = { url: "https://hec.example.com:8088", token: secret("token") };
      await headgate.streams.create("org", { id: "lost", sink: "splunk", options });
    }
    const { code, stdout, stderr } = await run("keys", "rotate", "-c", yaml(folder, two, [one]));
    expect(code).toBe(1);
    expect(stdout).toMatch(/4 streams looked at, 3 rotated. 1 failed: keep/);
    expect(stderr).toMatch(/^lost: .*not configured/m);
    expect(await tokens(folder, two, 3)).toEqual(numbered(3));
  });

  it("is killed at any time, started again, and runs beside changes of the same streams", async () => {
    using folder = temporaryFolder();
    const count = 150;
    const [one, two] = [await newKey(), await newKey()];
    await withStreams(folder, one, count);
    const file = yaml(folder, two, [one]);
    // A runner that knows both keys changes streams meanwhile, over and over.
    await using runner = headgateOf(folder, two, [one]);
    let isOver = false;
    const names = new Map<string, string>();
    const changing = (async () => {
      for (let i = 0; !isOver; i++) {
        const id = `s-${(i * 7) % count}`;
        names.set(id, `Name ${i}`);
        await runner.streams.update(id, { name: `Name ${i}` });
      }
    })();
    let done = 0;
    for (let kills = 0; done < count; kills++) {
      const child = startHeadgate(["keys", "rotate", "-c", file], { cwd: folder.path });
      const target = kills < 3 ? Math.min(count - 1, done + 20) : count;
      let ended = false;
      void child.ended.then(() => (ended = true));
      await expect.poll(async () => ended || (await rotated()) >= target, { timeout: 120_000, interval: 5 }).toBe(true);
      if (kills < 3) child.kill("SIGKILL");
      await child.ended;
      const now = await rotated();
      expect(now).toBeGreaterThan(done);
      done = now;
    }
    isOver = true;
    await changing;
    expect(await tokens(folder, two, count)).toEqual(numbered(count));
    for (const [id, name] of names) expect((await runner.streams.get(id))?.name).toBe(name);

    async function rotated(): Promise<number> {
      const records = await runner.streams.list();
      const { current } = secretsConfig({ key: two });
      return records.filter(({ options }) => JSON.stringify(options).includes(`v2.${current}.`)).length;
    }
  });

  it("needs a key to rotate to", async () => {
    using folder = temporaryFolder();
    const file = folder.write("headgate.yaml", "store: { kind: sqlite, path: ./headgate.db }\n");
    expect(await run("keys", "rotate", "-c", file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("keys new"),
    });
  });
});
