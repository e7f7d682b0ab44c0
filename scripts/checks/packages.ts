import { mkdtempDisposable, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execute } from "./execute.ts";
import type { Outcome } from "./outcome.ts";
import { root } from "./root.ts";

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Packs every package as it would be published, and lets publint and attw look at the archive. */
export async function checkPackages(): Promise<Outcome> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-packages-"));
  const manifests = new Map<string, Manifest>();
  for (const name of (await readdir(join(root, "packages"))).sort()) {
    const text = await readFile(join(root, "packages", name, "package.json"), "utf8").catch(() => undefined);
    if (text !== undefined) manifests.set(join("packages", name), JSON.parse(text) as Manifest);
  }
  const published = new Map([...manifests].filter(([, manifest]) => manifest.private !== true));
  const names = new Set([...published.values()].map((manifest) => manifest.name));
  let output = "";
  let failed = 0;
  for (const [path, manifest] of published) {
    const problems = await problemsOf(path, manifest, names, join(folder.path, `${path.replaceAll("/", "-")}.tgz`));
    if (problems !== "") failed++;
    output += problems;
  }
  return { passed: published.size - failed, failed, skipped: 0, output, failures: [], notes: [] };
}

async function problemsOf(
  path: string,
  manifest: Manifest,
  published: ReadonlySet<string>,
  archive: string,
): Promise<string> {
  const wanted = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const missing = wanted.filter((name) => name.startsWith("@headgate/") && !published.has(name));
  if (missing.length > 0) return `${path}: depends on ${missing.join(", ")}, which is not published\n`;
  const packed = await execute("pnpm", ["-C", path, "pack", "--out", archive]);
  if (packed.code !== 0) return `${path}: pnpm pack\n${packed.output}\n`;
  const publint = await execute("publint", ["run", archive, "--strict"]);
  const attw = await execute("attw", [
    archive,
    "--profile",
    "esm-only",
    "--no-emoji",
    "--no-definitely-typed",
    "--format",
    "ascii",
  ]);
  return [publint, attw].map(({ code, output }) => (code === 0 ? "" : `${path}\n${output}\n`)).join("");
}
