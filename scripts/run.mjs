// `npm start`, `npm test`, `npm run build`, `npm run bench` on a machine that has nothing but Node >= 20 and npm: gets the
// pinned pnpm through npx, installs what the lockfile says if that has changed, builds, and runs the command on the
// Node that was installed. Plain JavaScript, because Node 20 runs it.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");
const stampFile = join(root, "node_modules", ".headgate-install");
const lockFile = join(root, ".turbo", "run.lock");

const commands = {
  build: { build: true },
  start: { build: true, run: ["headgate", "demo"] },
  test: { run: ["node", "scripts/checks.ts"] },
  bench: { build: true, run: ["node", "bench/src/main.ts"] },
};

const [name = "", ...given] = process.argv.slice(2);
const rest = given[0] === "--" ? given.slice(1) : given;
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (command === undefined) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(commands).join("|")} [arguments]`);
  process.exit(2);
}
process.exitCode = await main();

async function main() {
  const failed = await locked(async () => (await install()) || (command.build ? await build() : 0));
  if (failed || command.run === undefined) return failed;
  const [program, ...args] = command.run;
  return await run(join(bin, program), [...args, ...rest], { env: environment() });
}

/** Installs if anything that decides it has changed since the last time. */
async function install() {
  const wanted = installHash();
  const stamp = readStamp();
  if (stamp.hash === wanted && existsSync(stamp.pnpm)) return 0;
  const npx = ["--yes", "--loglevel=error", `--package=${readJson("package.json").packageManager}`];
  const env = cleaned();
  const failed = await run("npx", [...npx, "--", "pnpm", "install", "--frozen-lockfile"], { env });
  if (failed) return failed;
  // Where npx keeps pnpm: Turborepo calls it by name for each package.
  const found = { text: "" };
  const lost = await run("npx", [...npx, "-c", "command -v pnpm"], { env, into: found });
  if (lost > 128) return lost;
  if (lost > 0) {
    process.stderr.write(`${found.text}pnpm cannot be found through npx. Check that npm works, then run this again.\n`);
    return 1;
  }
  writeFileSync(stampFile, JSON.stringify({ hash: wanted, pnpm: found.text.trim() }));
  return 0;
}

/** Turborepo skips what has not changed. Its talk is shown only when something fails. */
async function build() {
  const output = { text: "" };
  const began = Date.now();
  const args = ["run", "build", "--output-logs=errors-only"];
  const failed = await run(join(bin, "turbo"), args, { env: environment(), into: output });
  if (failed) process.stderr.write(`${output.text}\nThe build failed.\n`);
  else console.error(`Built in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
  return failed;
}

function installHash() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  const manifests = ["packages", "examples", "tests", "."].flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name, "package.json"))
      .sort(),
  );
  for (const file of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests]) {
    if (existsSync(join(root, file))) hash.update(`\n${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, "utf8"));
  } catch {
    return {};
  }
}

function readJson(file) {
  return JSON.parse(readFileSync(join(root, file), "utf8"));
}

/**
 * npm and pnpm hand their settings on as npm_config_*, and each warns of those it does not know. Only what decides
 * where packages come from passes.
 */
function cleaned() {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1", NO_UPDATE_NOTIFIER: "1" };
  const kept =
    /^npm_config_(registry|cache|userconfig|offline|prefer_offline|(https?_|no)?proxy|cafile|ca|strict_ssl)$/i;
  for (const key of Object.keys(env)) if (/^p?npm_/i.test(key) && !kept.test(key)) delete env[key];
  return env;
}

/** The workspace's own programs come first, the Node that was installed with it among them; pnpm comes last. */
function environment() {
  const env = cleaned();
  // By this the program tells how it is called here.
  if (process.env.npm_execpath !== undefined) env.npm_execpath = process.env.npm_execpath;
  env.PATH = [bin, env.PATH, dirname(readStamp().pnpm)].filter(Boolean).join(delimiter);
  return env;
}

/** Runs a program to its end; resolves to its exit code, or 128 + the signal that ended it. Signals reach it. */
function run(program, args, { env, into }) {
  return new Promise((resolve) => {
    const stdio = into === undefined ? "inherit" : ["ignore", "pipe", "pipe"];
    const child = spawn(program, args, { cwd: root, env, stdio });
    const collect = (chunk) => void (into.text += chunk);
    child.stdout?.setEncoding("utf8").on("data", collect);
    child.stderr?.setEncoding("utf8").on("data", collect);
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    const forward = (signal) => {
      // A terminal sends Ctrl-C to the whole group: the child has it already.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    };
    const settle = (code) => {
      for (const signal of signals) process.off(signal, forward);
      resolve(code);
    };
    for (const signal of signals) process.on(signal, forward);
    child.on("error", (error) => {
      console.error(`${program} cannot be started: ${error.message}`);
      settle(127);
    });
    child.on("close", (code, signal) => settle(code ?? 128 + constants.signals[signal]));
  });
}

/** One install or build at a time in this checkout. A lock whose process has died is taken over. */
async function locked(work) {
  mkdirSync(dirname(lockFile), { recursive: true });
  for (let told = false; ;) {
    try {
      const lock = openSync(lockFile, "wx");
      writeSync(lock, String(process.pid));
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = readHolder();
    if (holder !== undefined && !alive(holder)) rmSync(lockFile, { force: true });
    else {
      if (!told) console.error(`Waiting for process ${holder ?? "?"}, which installs or builds here …`);
      told = true;
      await sleep(200);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

/** Undefined for the moment in which the lock has no content yet. */
function readHolder() {
  try {
    return Number(readFileSync(lockFile, "utf8")) || undefined;
  } catch {
    return undefined;
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
