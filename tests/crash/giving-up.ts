import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtempDisposable, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createHeadgate,
  type Digest,
  digestSigner,
  parseDigestFile,
  type StreamStatus,
  verifyDigest,
} from "@headgate/core";
import { fileSink } from "@headgate/sink-file";
import { sqliteStore } from "@headgate/store-sqlite";

/** Where around a commit a process dies: when all that leads to it is done, or while it is written, or shortly after. */
export type Moment = "before" | "during";

/** What the child is told. */
export interface GivingUpLife {
  readonly path: string;
  readonly directory: string;
  readonly keyFile: string;
  /** How far its clock is ahead. */
  readonly aheadMs: number;
  readonly append?: { readonly from: number; readonly count: number };
  readonly goal: "sealed" | "noticed" | "given up" | "delivered";
  /** Around its commit of that number, counted from 1. */
  readonly kill?: { readonly when: Moment; readonly at: number; readonly afterMs: number };
}

/** What a run came to. */
export interface GivingUpResult {
  readonly kills: number;
  readonly status: StreamStatus;
  /** In the order of their numbers; each signature has been verified. */
  readonly digests: readonly Digest[];
  /** Ids at the destination, sorted. */
  readonly delivered: readonly string[];
}

const child = fileURLToPath(new URL("giving-up-child.ts", import.meta.url));
const hourMs = 3_600_000;
/** Of one step: each makes one commit of its own at least, and there are few. */
const mostLives = 60;

/**
 * Thirty events wait at a destination that takes none for longer than the operator's limit, and are given up, by a process that is
 * killed around its commits again and again; then the destination is mended and five more come. After each life the
 * accounts are added up. Throws on the first thing that is wrong.
 */
export async function playGivingUp(when: Moment): Promise<GivingUpResult> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-giving-up-"));
  const [path, directory, keyFile] = ["headgate.db", "out", "key.pem"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  const pem = String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
  await writeFile(keyFile, pem);
  // No folder can be made where a file is.
  await writeFile(directory, "");
  const files = { path, directory, keyFile };
  let kills = 0;

  async function lives(life: Omit<GivingUpLife, keyof typeof files | "kill">): Promise<void> {
    for (let n = 1; n <= mostLives; n++) {
      // Killed before its first commit each time, it would never get further.
      const kill = { when, at: when === "before" ? n : 1, afterMs: n % 5 };
      const { code, log } = await live({ ...files, ...life, kill });
      addUp(await statusOf(path));
      if (code === 0) return;
      if (code !== null) throw new Error(`a life ended with ${code}: ${log}`);
      kills++;
    }
    throw new Error(`${mostLives} lives did not come to ${life.goal}`);
  }

  for (const [goal, aheadMs] of [
    ["sealed", 0],
    ["noticed", 25 * hourMs],
  ] as const) {
    const { code, log } = await live({ ...files, aheadMs, goal, append: { from: 0, count: 30 } });
    if (code !== 0) throw new Error(`the life until it is ${goal} ended with ${code}: ${log}`);
  }
  await lives({ aheadMs: 38 * hourMs, goal: "given up" });
  await rm(directory);
  await mkdir(directory);
  await lives({ aheadMs: 40 * hourMs, goal: "delivered", append: { from: 30, count: 5 } });
  return {
    kills,
    status: await statusOf(path),
    digests: await digestsIn(directory, pem),
    delivered: await idsIn(directory),
  };
}

async function live(life: GivingUpLife): Promise<{ readonly code: number | null; readonly log: string }> {
  const process_ = spawn(process.execPath, ["--conditions=@headgate/source", child], {
    env: { ...process.env, GIVING_UP_LIFE: JSON.stringify(life) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  process_.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const [code] = (await once(process_, "close")) as [number | null];
  return { code, log: log.slice(-2000) };
}

async function statusOf(path: string): Promise<StreamStatus> {
  await using headgate = createHeadgate({ store: sqliteStore({ path }), sinks: [fileSink()] });
  return await headgate.streams.status("s");
}

function addUp({ accepted, delivered, quarantined, filtered, lost, pending }: StreamStatus): void {
  const parts = { delivered, quarantined, filtered, lost, pending };
  const sum = Object.values(parts).reduce((a, b) => a + b, 0);
  if (sum !== accepted) throw new Error(`${accepted} accepted are not ${JSON.stringify(parts)}`);
}

async function filesIn(directory: string): Promise<readonly string[]> {
  if (!existsSync(directory)) return [];
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

async function digestsIn(directory: string, pem: string): Promise<readonly Digest[]> {
  const { published } = digestSigner({ key: pem });
  const digests: Digest[] = [];
  for (const file of (await filesIn(directory)).filter((name) => name.includes("_digests")).toSorted()) {
    const { digest, line, signature } = parseDigestFile(await readFile(file));
    if (verifyDigest(line, signature, published) !== "valid") throw new Error(`${file} has no right signature`);
    digests.push(digest);
  }
  return digests;
}

async function idsIn(directory: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const file of (await filesIn(directory)).filter((name) => name.includes("year="))) {
    const lines = (await readFile(file, "utf8")).split("\n").filter(Boolean);
    ids.push(...lines.map((line) => (JSON.parse(line) as { readonly id: string }).id));
  }
  return ids.toSorted();
}
