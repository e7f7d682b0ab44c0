import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { chown } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deployFile, root } from "./files.ts";
import { manifestsOf, type Workload } from "./manifests.ts";
import { laidOut } from "./settings.ts";

const isBuilt = existsSync(join(root, "packages", "runner", "dist", "cli.js"));
if (!isBuilt && process.env["HEADGATE_REQUIRE_SERVICES"] === "1") throw new Error("Run `npm run build` first.");

const asRoot = process.getuid?.() === 0;
const nobody = 65_532;
const containerfile = deployFile("Containerfile");

/** The lines of the Containerfile that make the folder of the runner, with another place for it. */
function packing(place: string): readonly string[] {
  const lines = [...containerfile.matchAll(/^RUN (.*\/opt\/headgate .*|.* \/opt\/headgate)$/gm)].map(
    ([, line = ""]) => line,
  );
  return lines.filter((line) => !line.startsWith("ln ")).map((line) => line.replaceAll("/opt/headgate", place));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

/** A program as the container and the unit run it: as nobody, with no rights, and nothing of its own folder to write to. */
function startHardened(program: string, words: readonly string[]): ChildProcess {
  const command = [process.execPath, join(program, "bin", "headgate.js"), ...words];
  if (!asRoot) return spawn(command[0] as string, command.slice(1), { env: {}, stdio: ["ignore", "pipe", "pipe"] });
  const script = `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec setpriv --reuid ${nobody} --regid ${nobody} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"`;
  return spawn("unshare", ["-m", "sh", "-c", script, program, ...command], {
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function statusOf(url: string): Promise<number> {
  return await fetch(url).then(
    ({ status }) => status,
    () => 0,
  );
}

const unitCommand = /^ExecStart=(.*)$/m.exec(deployFile("systemd/headgate.service"))?.[1]?.split(" ").slice(2) ?? [];
const imageCommand = JSON.parse(/^CMD (\[.*\])$/m.exec(containerfile)?.[1] ?? "[]") as readonly string[];
const podCommand = manifestsOf("sqlite").flatMap(([, manifest]) =>
  manifest.kind === "StatefulSet" ? (manifest as Workload).spec.template.spec.containers[0].args : [],
);

describe.skipIf(!isBuilt)("what the Containerfile packs", () => {
  // Not under /tmp/x with the rights of a temporary folder: another user must get in.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "headgate-deploy-")));
  const program = join(folder, "program");
  beforeAll(() => {
    chmodSync(folder, 0o755);
    const lines = packing(program);
    if (lines.length !== 2) throw new Error(`the Containerfile packs otherwise: ${containerfile}`);
    for (const line of lines) execFileSync("sh", ["-c", line], { cwd: root, stdio: "pipe" });
  }, 240_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is what runs in production and nothing else", () => {
    const files = readdirSync(program, { recursive: true, encoding: "utf8" });
    expect(files.filter((file) => /\.([cm]?ts|map|tsbuildinfo)$/.test(file))).toEqual([]);
    const packages = readdirSync(join(program, "node_modules", ".pnpm"));
    const development =
      /^(typescript|tsup|vitest|turbo|oxlint|fast-check|node|esbuild|playwright-core|@headgate\+(sink-testkit|store-testkit|example-.*))@/;
    expect(packages.filter((name) => development.test(name))).toEqual([]);
    expect(packages.length).toBeGreaterThan(30);
  });

  it.each([
    ["the unit", "systemd/headgate.yaml", "listen: 127.0.0.1:8686", "listen: 127.0.0.1:PORT", unitCommand],
    [
      "the StatefulSet",
      "kubernetes/sqlite/headgate.yaml",
      "listen: 0.0.0.0:8686",
      "listen: 127.0.0.1:PORT",
      podCommand,
    ],
    ["the image", "kubernetes/sqlite/headgate.yaml", "listen: 0.0.0.0:8686", "listen: 127.0.0.1:PORT", imageCommand],
  ])("runs by the command of %s, is ready, and ends in order at SIGTERM", async (name, file, from, to, command) => {
    const place = join(folder, name.replaceAll(" ", "-"));
    mkdirSync(place);
    const port = await freePort();
    const config = laidOut(file, place, [[from, to.replace("PORT", String(port))]]);
    const store = join(place, "var", "lib", "headgate");
    mkdirSync(store, { recursive: true });
    if (asRoot) await chown(store, nobody, nobody);
    expect(command).toContain("/etc/headgate/headgate.yaml");
    const words = command.map((word) => word.replace("/etc/headgate/headgate.yaml", config));
    const url = `http://127.0.0.1:${port}`;

    expect(await statusOf(`${url}/readyz`)).toBe(0);
    const child = startHardened(program, words);
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
    const ended = once(child, "exit");
    try {
      while ((await statusOf(`${url}/readyz`)) !== 200) {
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}:\n${said}`);
        await sleep(50);
      }
      expect(await statusOf(`${url}/healthz`)).toBe(200);
      expect(await healthCheck(port)).toBe(0);
      child.kill("SIGTERM");
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill("SIGKILL");
    }
    expect(said).toContain("stopped");
    expect(await statusOf(`${url}/readyz`)).toBe(0);
    expect(await healthCheck(port)).toBe(1);
  });
});

/** The exit code of the image's own check. */
async function healthCheck(port: number): Promise<number> {
  const [program, ...words] = JSON.parse(
    /HEALTHCHECK [^\n]*\\\n\s*CMD (\[.*\])$/m.exec(containerfile)?.[1] ?? "[]",
  ) as string[];
  expect(program).toBe("node");
  const here = words.map((word) => word.replace(":8686/", `:${port}/`));
  return await promisify(execFile)(process.execPath, here).then(
    () => 0,
    ({ code }: { readonly code: number }) => code,
  );
}
