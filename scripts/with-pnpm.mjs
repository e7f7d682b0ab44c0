// Runs one of the workspace's own scripts on a machine that has nothing but Node >= 20 and npm: fetches the pinned
// pnpm through npx, installs what the lockfile says when that has changed, then hands over.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [script, ...rest] = process.argv.slice(2);
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", NO_UPDATE_NOTIFIER: "1" };
// npm and pnpm pass their own settings on as npm_config_*; one does not understand the other's.
for (const name of Object.keys(env)) if (/^npm_(config_(?!registry|cache|proxy|https_proxy|cafile)|lifecycle_|package_|execpath|command)/i.test(name)) delete env[name];

function pnpm(args, options = {}) {
  return spawnSync("npx", ["--yes", packageManager, ...args], { cwd: root, env, stdio: "inherit", ...options });
}

// The install is skipped when nothing that decides it has changed since the last one.
const stamp = join(root, "node_modules", ".headgate-install");
const decides = createHash("sha256");
for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"]) if (existsSync(join(root, file))) decides.update(readFileSync(join(root, file)));
const wanted = decides.digest("hex");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  const install = pnpm(["install", existsSync(join(root, "pnpm-lock.yaml")) ? "--frozen-lockfile" : "--no-frozen-lockfile"]);
  if (install.status !== 0) process.exit(install.status ?? 1);
  writeFileSync(stamp, wanted);
}

// Run from the workspace's bin folder first, so that scripts get the Node that was installed with it.
env.PATH = `${join(root, "node_modules", ".bin")}:${env.PATH ?? ""}`;
const pass = rest.length > 0 ? ["--", ...rest] : [];
const child = spawnSync("npm", ["run", "--silent", script, ...pass], { cwd: root, env, stdio: "inherit" });
process.exit(child.status ?? 1);
