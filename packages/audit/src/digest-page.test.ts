import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { digestHash, parseDigestFile, parseDigestKeys, verifyDigest } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./testing/temporary-folder.ts";

const page = readFileSync(new URL("../../../docs/reference/digest.md", import.meta.url), "utf8");
const fences = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, "g"))].map(([, text = ""]) => text);
const [jwks = "", file = ""] = fences("json");
const [, hash = ""] = fences("text");
const [script = ""] = fences("bash");
const openssl = spawnSync("openssl", ["version"]).status === 0;

describe("the page of the digest's format", () => {
  it("has vectors that are right", () => {
    const { digest, line, signature } = parseDigestFile(Buffer.from(file));
    expect(digestHash(line)).toBe(hash.trim());
    expect(verifyDigest(line, signature, parseDigestKeys(jwks))).toBe("valid");
    expect(page).toContain(`${line.length + 1} bytes to its first LF`);
    expect(page).toContain("| `sequences` ");
    for (const member of Object.keys(digest)) expect(page).toContain(`\`${member}\``);
  });

  it.skipIf(!openssl)("has commands that verify it, and refuse what was altered", () => {
    using folder = temporaryFolder();
    const X = parseDigestKeys(jwks).keys[0]?.x;
    const verify = (text: string): string => {
      folder.write("digest.json", text);
      return execFileSync("sh", ["-c", script], {
        cwd: folder.path,
        env: { ...process.env, X },
        stdio: "pipe",
      }).toString();
    };
    const printed = verify(file);
    expect(printed).toContain(hash.trim());
    expect(printed).toContain("Signature Verified Successfully");
    expect(() => verify(file.replace('"delivered":2', '"delivered":3'))).toThrow(/Command failed/);
  });
});
