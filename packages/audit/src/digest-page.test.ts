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
const [script = "", fromEvents = ""] = fences("bash");
const jq = spawnSync("jq", ["--version"]).status === 0;
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

  it.skipIf(!openssl || !jq)("has commands that verify digests that came as events, in pieces and twice", () => {
    using folder = temporaryFolder();
    const X = parseDigestKeys(jwks).keys[0]?.x;
    const { line, signature } = parseDigestFile(Buffer.from(file));
    const text = String(line);
    const piece = (from: number, to: number): object => ({
      metadata: { digest: text.slice(from, to), offset: from, bytes: line.length, ...signature },
    });
    const [, keyLine = ""] = /^(\{.*> key\.der)$/m.exec(script) ?? [];
    const [, check = ""] = /^(openssl pkeyutl .*)$/m.exec(script) ?? [];
    const verify = (...events: readonly object[]): string => {
      folder.write("events.ndjson", events.map((event) => `${JSON.stringify(event)}\n`).join(""));
      return execFileSync("sh", ["-ec", `${fromEvents}\n${keyLine}\n${check}`], {
        cwd: folder.path,
        env: { ...process.env, X },
        stdio: "pipe",
      }).toString();
    };
    expect(verify({ metadata: { digest: text, ...signature } })).toContain("Verified Successfully");
    const [first, second, last] = [piece(0, 300), piece(300, 700), piece(700, text.length)];
    expect(verify(last, first, second, first)).toContain("Verified Successfully");
    expect(() => verify(last, first)).toThrow(/Command failed/);
  });
});
