import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deployFile } from "./files.ts";

/** Changes a configuration in one place, which must be there. */
export type Change = readonly [from: string, to: string];

/**
 * Writes a configuration of `examples/deploy` into a folder, and beside it each file that it reads, made as README.md says.
 * What the machine has at places of its own is then in that folder. Resolves to the configuration's path.
 */
export function laidOut(name: string, folder: string, changes: readonly Change[] = []): string {
  let text = deployFile(name);
  for (const [, file = ""] of text.matchAll(/\$\{file:([^}]+)\}/g)) {
    const place = join(folder, file);
    mkdirSync(join(place, ".."), { recursive: true });
    writeFileSync(place, contentOf(file));
  }
  text = text.replaceAll("${file:/", `\${file:${folder}/`).replaceAll("path: /", `path: ${folder}/`);
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${name} does not say "${from}"`);
    text = text.replace(from, to);
  }
  const file = join(folder, "headgate.yaml");
  writeFileSync(file, text);
  return file;
}

function contentOf(file: string): string {
  if (file.includes("digest-key")) {
    return execFileSync("openssl", ["genpkey", "-algorithm", "ed25519"], { encoding: "utf8" });
  }
  if (file.endsWith("secrets-key")) return `${"0123456789abcdef".repeat(4)}\n`;
  if (file.endsWith("database-password")) return `${"0123456789abcdef".repeat(2)}\n`;
  if (file.endsWith("database-url")) return "postgresql://headgate:password@database.example.com:5432/headgate\n";
  throw new Error(`README.md says nothing of ${file}`);
}
