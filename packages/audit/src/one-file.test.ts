import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { generateKeyPairSync } from "node:crypto";
import { digestSigner } from "@headgate/core";
import { beforeAll, describe, expect, it } from "vitest";
import { endOf, type Files, writeChain } from "./testing/honest-chain.ts";
import { type TemporaryFolder, temporaryFolder } from "./testing/temporary-folder.ts";

const run = promisify(execFile);
const packageFolder = fileURLToPath(new URL("..", import.meta.url));
const tsup = fileURLToPath(new URL("../../../node_modules/.bin/tsup", import.meta.url));
const signer = digestSigner({
  key: String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
});
const until = new Date(endOf(2)).toISOString();

/** A folder with nothing in it but the one file, the keys and a copy of a bucket. */
async function alone(built: TemporaryFolder): Promise<TemporaryFolder & { readonly keys: readonly string[] }> {
  const folder = temporaryFolder();
  await copyFile(join(built.path, "headgate-audit.mjs"), join(folder.path, "audit.mjs"));
  folder.write("keys.json", JSON.stringify(signer.published));
  const files: Files = new Map();
  const hours = [["delivered", "quarantined", "delivered"], ["delivered"]] as const;
  await writeChain(files, { stream: "acme-s3", prefix: "headgate/", compression: "zstd", hours }, signer);
  for (const [key, bytes] of files) {
    await mkdir(dirname(join(folder.path, "copy", key)), { recursive: true });
    await writeFile(join(folder.path, "copy", key), bytes);
  }
  return { ...folder, keys: [...files.keys()] };
}

async function audit(
  folder: TemporaryFolder,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  try {
    // No condition and no NODE_OPTIONS of this run: as on an auditor's machine.
    const { stdout, stderr } = await run(process.execPath, ["audit.mjs", ...args], { cwd: folder.path, env: {} });
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as { readonly code: number; readonly stdout: string; readonly stderr: string };
  }
}

describe("headgate-audit as one file", () => {
  let built: TemporaryFolder;
  beforeAll(async () => {
    built = temporaryFolder();
    await run(tsup, ["--out-dir", built.path], { cwd: packageFolder });
    return () => built[Symbol.dispose]();
  });

  it("proves a folder with nothing else beside it", async () => {
    using folder = await alone(built);
    expect(await readdir(folder.path)).toEqual(["audit.mjs", "copy", "keys.json"]);
    const { code, stdout } = await audit(folder, "./copy", "--keys", "keys.json", "--until", until);
    expect(stdout).toMatch(
      /^\.\/copy is complete, proven by signed digests, with 1 event set apart in quarantine: 3 events/,
    );
    expect(code).toBe(0);
  });

  it("says so where nobody's signature is checked, and prints JSON", async () => {
    using folder = await alone(built);
    const { code, stdout } = await audit(folder, "copy/headgate", "--until", until);
    expect(stdout).toContain("consistent, but nobody's signature was checked: give --keys");
    expect(code).toBe(0);
    const { stdout: json } = await audit(folder, "copy", "--until", until, "--json");
    expect(JSON.parse(json)).toMatchObject({ complete: true, proven: false, signatures: "unchecked", digests: 2 });
  });

  it("reads a list of files, and finds what is not on it", async () => {
    using folder = await alone(built);
    const list = folder.keys.map((key) => `copy/${key}`);
    folder.write("list", `${list.join("\n")}\n`);
    const args = ["--files", "list", "--keys", "keys.json", "--until", until];
    expect((await audit(folder, ...args)).code).toBe(0);
    const gone = list.findIndex((key) => key.endsWith(".zst"));
    folder.write("list", list.filter((_, i) => i !== gone).join("\n"));
    const { code, stdout } = await audit(folder, ...args);
    expect(code).toBe(3);
    expect(stdout).toContain(`${list[gone]}, named by digest 1, is missing`);
  });

  it("finds that a chain ends long ago, where nobody says otherwise", async () => {
    using folder = await alone(built);
    const { code, stdout } = await audit(folder, "copy", "--keys", "keys.json");
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /The chain ends with digest 2 at 2025-07-16T11:00:07.000Z, and its next digest was due by 2025-07-16T12:25:00.000Z/,
    );
  });

  it("exits with 2 for a wrong command line, and with 1 for a place that is not there", async () => {
    using folder = await alone(built);
    expect(await audit(folder)).toMatchObject({ code: 2 });
    expect(await audit(folder, "copy", "--from", "yesterday")).toMatchObject({ code: 2 });
    expect(await audit(folder, "gone")).toMatchObject({ code: 1 });
  });
});
