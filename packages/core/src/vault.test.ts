import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { secret } from "./secret.ts";
import { holdsSecret, openedOptions, sealedOptions, shownOptions, storableOptions } from "./stream-options.ts";
import { aesVault } from "./vault.ts";

const vault = aesVault({ keys: { a: randomBytes(32) } });

test("what is sealed for one thing opens for it, and for nothing else", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), fc.string(), (text, about, other) => {
      // Lone surrogates have no UTF-8.
      fc.pre(text.isWellFormed() && about.isWellFormed() && other.isWellFormed() && about !== other);
      const sealed = vault.seal(secret(text), about);
      expect(vault.open(sealed, about).reveal()).toBe(text);
      expect(() => vault.open(sealed, other)).toThrow(expect.objectContaining({ code: "secret_unreadable" }));
    }),
  );
});

test("a sealed text that was altered anywhere does not open", () => {
  const sealed = vault.seal(secret("s3cr3t"), "x");
  for (let i = 0; i < sealed.length; i++) {
    const altered = sealed.slice(0, i) + (sealed[i] === "A" ? "B" : "A") + sealed.slice(i + 1);
    // The last character of base64url holds bits that belong to no byte.
    if (
      Buffer.from(altered.split(".")[2] ?? "", "base64url").equals(
        Buffer.from(sealed.split(".")[2] ?? "", "base64url"),
      ) &&
      altered.startsWith("v1.a.")
    )
      continue;
    expect(() => vault.open(altered, "x")).toThrow(expect.objectContaining({ code: "secret_unreadable" }));
  }
});

test("the same secret is sealed to other bytes each time", () => {
  expect(vault.seal(secret("s3cr3t"), "x")).not.toBe(vault.seal(secret("s3cr3t"), "x"));
});

test("a new key seals, and the old one still opens what it sealed", () => {
  const [one, two] = [randomBytes(32), randomBytes(32)];
  const before = aesVault({ keys: { one } });
  const after = aesVault({ keys: { one, two }, current: "two" });
  const sealed = before.seal(secret("s3cr3t"), "x");
  expect(after.open(sealed, "x").reveal()).toBe("s3cr3t");
  expect(after.seal(secret("s3cr3t"), "x")).toMatch(/^v1\.two\./);
  expect(() => before.open(after.seal(secret("s3cr3t"), "x"), "x")).toThrow(
    expect.objectContaining({ code: "secret_unreadable" }),
  );
});

test.each([
  ["too short", { keys: { a: secret("abcd") } }, /must be 32 bytes, not 3/],
  ["no key at all", { keys: {} }, /no key "" to seal with/],
  ["a current key that is not there", { keys: { a: randomBytes(32) }, current: "b" }, /no key "b"/],
  ["an id that would not parse", { keys: { "a.b": randomBytes(32) } }, /letters, digits and hyphens/],
])("a vault is not made with %s", (_what, options, message) => {
  expect(() => aesVault(options)).toThrow(message);
});

test("keys are taken as hexadecimal digits and as base64", () => {
  const key = randomBytes(32);
  const sealed = aesVault({ keys: { k: key } }).seal(secret("s"), "x");
  expect(
    aesVault({ keys: { k: secret(key.toString("hex")) } })
      .open(sealed, "x")
      .reveal(),
  ).toBe("s");
  expect(
    aesVault({ keys: { k: secret(`${key.toString("base64")}\n`) } })
      .open(sealed, "x")
      .reveal(),
  ).toBe("s");
});

const options = {
  url: "https://hec.example.com",
  token: secret("t0ken"),
  nested: { token: "t1ken", list: [{ token: "t2ken" }] },
};

test("options are sealed wherever a secret stands, and open as they were", () => {
  const sealed = sealedOptions(options, ["token"], vault, "stream");
  expect(JSON.stringify(sealed)).not.toMatch(/t\dken/);
  const opened = openedOptions(sealed, vault, "stream") as typeof options;
  expect(opened.url).toBe(options.url);
  expect(opened.token.reveal()).toBe("t0ken");
  expect((opened.nested.token as unknown as typeof options.token).reveal()).toBe("t1ken");
  expect(holdsSecret(opened, [])).toBe(true);
});

test("options for people and for declared streams are redacted", () => {
  const shown = {
    url: options.url,
    token: "[redacted]",
    nested: { token: "[redacted]", list: [{ token: "[redacted]" }] },
  };
  expect(shownOptions(sealedOptions(options, ["token"], vault, "stream"))).toEqual(shown);
  expect(storableOptions(options, ["token"])).toEqual(shown);
});

test("sealed options do not open without a vault", () => {
  const sealed = sealedOptions(options, ["token"], vault, "stream");
  expect(() => openedOptions(sealed, undefined, "stream")).toThrow(
    expect.objectContaining({ code: "secrets_unavailable" }),
  );
});
