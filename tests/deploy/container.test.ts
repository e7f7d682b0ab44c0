import { readFileSync } from "node:fs";
import { join } from "node:path";
import { validate } from "dockerfile-utils";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { deployFile, root } from "./files.ts";

const text = deployFile("Containerfile");
const read = (name: string): string => readFileSync(join(root, name), "utf8");

describe("the Containerfile", () => {
  it("is one, by the rules of the Dockerfile language server", () => {
    expect(validate(text)).toEqual([]);
    expect(validate(text.replace("WORKDIR", "WORKDIRS"))).not.toEqual([]);
  });

  it("runs the Node and the pnpm that everything is tested with", () => {
    const { nodeVersion } = parse(read("pnpm-workspace.yaml")) as { readonly nodeVersion: string };
    const { packageManager } = JSON.parse(read("package.json")) as { readonly packageManager: string };
    expect(text).toContain(`FROM node:${nodeVersion}-`);
    expect(text).toContain(`npx --yes ${packageManager} `);
  });

  it("names a tag of every base, and ends as a user with a number", () => {
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base = ""]) => base);
    expect(bases).toHaveLength(2);
    for (const base of bases) expect(base).toMatch(/^[a-z]+:\d[^:]*$/);
    expect([...text.matchAll(/^USER (.+)$/gm)].at(-1)?.[1]).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it("is built from no installed, built or secret file of this machine", () => {
    const ignored = deployFile("Containerfile.dockerignore").split("\n");
    for (const pattern of ["**/.git", "**/node_modules", "**/dist", "**/secrets", "**/*.pem", "**/.env"])
      expect(ignored).toContain(pattern);
  });
});
