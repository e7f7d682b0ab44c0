import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "./clock.ts";
import { createDataKeys } from "./data-keys.ts";
import { secret } from "./secret.ts";
import { holdsSecret, openedOptions, sealedOptions, shownOptions, storableOptions } from "./stream-options.ts";
import { aesVault, sealedContent } from "./vault.ts";
import { encrypted, localKey, type WrappingKey } from "./wrapping-key.ts";

const key = randomBytes(32);
const vault = aesVault({ keys: { a: key } });

test("what is sealed for one thing opens for it, and for nothing else", () =>
  fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), fc.string(), fc.string(), async (text, about, other) => {
      // Lone surrogates have no UTF-8.
      fc.pre(text.isWellFormed() && about.isWellFormed() && other.isWellFormed() && about !== other);
      const sealed = await vault.seal(secret(text), about);
      expect((await vault.open(sealed, about)).reveal()).toBe(text);
      await expect(vault.open(sealed, other)).rejects.toMatchObject({ code: "secret_unreadable" });
    }),
  ));

/** As Headgate sealed before there were data keys. */
function sealedOfBefore(id: string, sealing: Uint8Array, text: string, about: string): string {
  return `v1.${id}.${encrypted(sealing, Buffer.from(text), about).toString("base64url")}`;
}

test.each([
  ["now", async () => vault.seal(secret("s3cr3t"), "x")],
  ["before there were data keys", async () => sealedOfBefore("a", key, "s3cr3t", "x")],
])("a text sealed %s that was altered anywhere does not open", async (_when, seal) => {
  const sealed = await seal();
  const bytesOf = (text: string): string =>
    JSON.stringify(text.split(".").map((part, i) => (i < 2 ? part : Buffer.from(part, "base64url").toString("hex"))));
  for (let i = 0; i < sealed.length; i++) {
    const altered = sealed.slice(0, i) + (sealed[i] === "A" ? "B" : "A") + sealed.slice(i + 1);
    // The last character of base64url holds bits that belong to no byte.
    if (bytesOf(altered) === bytesOf(sealed)) continue;
    await expect(vault.open(altered, "x")).rejects.toMatchObject({ code: "secret_unreadable" });
  }
});

test.each(["", "v2", "v2.a..", "v2.a.AA.AA", "v1.a.", "v3.a.AA", "v2.a.AA.AA.AA"])(
  'the text "%s" does not open',
  async (text) => {
    await expect(vault.open(text, "x")).rejects.toMatchObject({ code: "secret_unreadable" });
  },
);

test("the same secret is sealed to other bytes each time, under a data key of its own", async () => {
  const [one, two] = [await vault.seal(secret("s3cr3t"), "x"), await vault.seal(secret("s3cr3t"), "x")];
  const [first, second] = [one.split("."), two.split(".")];
  expect(first[3]).not.toBe(second[3]);
  await expect(vault.open(["v2", "a", second[2], first[3]].join("."), "x")).rejects.toThrow(/altered/);
});

test("what the key sealed itself cannot stand for a data key", async () => {
  const dataKey = randomBytes(32);
  const wrapped = encrypted(key, dataKey, "x").toString("base64url");
  const payload = encrypted(dataKey, Buffer.from("forged"), "x").toString("base64url");
  await expect(vault.open(`v2.a.${wrapped}.${payload}`, "x")).rejects.toThrow(/altered/);
});

test("a new key seals, and the old one still opens what it sealed", async () => {
  const [one, two] = [randomBytes(32), randomBytes(32)];
  const before = aesVault({ keys: { one } });
  const after = aesVault({ keys: { one, two }, current: "two" });
  const sealed = await before.seal(secret("s3cr3t"), "x");
  expect((await after.open(sealed, "x")).reveal()).toBe("s3cr3t");
  const anew = await after.seal(secret("s3cr3t"), "x");
  expect(anew).toMatch(/^v2\.two\./);
  await expect(before.open(anew, "x")).rejects.toMatchObject({ code: "secret_unreadable" });
});

test("what was rotated opens without the old key, and a rotation once more changes nothing", async () => {
  const [one, two] = [randomBytes(32), randomBytes(32)];
  const both = aesVault({ keys: { one, two }, current: "two" });
  const sealed = await aesVault({ keys: { one } }).seal(secret("s3cr3t"), "x");
  for (const old of [sealed, sealedOfBefore("one", one, "s3cr3t", "x")]) {
    const rotated = await both.rotate(old, "x");
    expect((await aesVault({ keys: { two } }).open(rotated, "x")).reveal()).toBe("s3cr3t");
    expect(await both.rotate(rotated, "x")).toBe(rotated);
  }
  expect(sealedContent(await both.rotate(sealed, "x"))).toBe(sealedContent(sealed));
  await expect(both.rotate(sealed, "y")).rejects.toMatchObject({ code: "secret_unreadable" });
});

/** A key service that counts, and can be down. */
function keyService(): WrappingKey & { asked: number; isDown: boolean } {
  const inner = localKey(randomBytes(32));
  const service = {
    asked: 0,
    isDown: false,
    wrap: (dataKey: Uint8Array, context: string) => inner.wrap(dataKey, context),
    async unwrap(wrapped: Uint8Array, context: string) {
      service.asked++;
      if (service.isDown) throw new Error("token s3cr3t refused");
      return inner.unwrap(wrapped, context);
    },
  };
  return service;
}

test("a key that is kept elsewhere is asked once for a while, and again when it failed", async () => {
  const kms = keyService();
  const clock = { ...systemClock, now: () => now };
  let now = 0;
  const elsewhere = aesVault({ keys: { kms }, clock });
  const sealed = await elsewhere.seal(secret("s3cr3t"), "x");
  kms.isDown = true;
  const error: unknown = await elsewhere.open(sealed, "x").catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "key_unavailable" });
  expect((error as Error).message).not.toContain("s3cr3t");
  kms.isDown = false;
  for (let i = 0; i < 3; i++) expect((await elsewhere.open(sealed, "x")).reveal()).toBe("s3cr3t");
  expect(kms.asked).toBe(2);
  now += 5 * 60_000;
  await elsewhere.open(sealed, "x");
  expect(kms.asked).toBe(3);
});

test("what a key kept elsewhere does not say is not waited for", async () => {
  let late = (): void => {};
  const clock = { now: () => 0, after: (_ms: number, callback: () => void) => ((late = callback), () => {}) };
  const silent = new Promise<never>(() => {});
  const mute = aesVault({ keys: { kms: { wrap: () => silent, unwrap: () => silent } }, clock });
  const sealing = mute.seal(secret("s"), "x");
  late();
  await expect(sealing).rejects.toMatchObject({ code: "key_unavailable" });
});

test("no more data keys are remembered than said", async () => {
  const keys = createDataKeys({ ...systemClock, now: () => 0 }, { most: 3, keptMs: 1000 });
  for (let i = 0; i < 100; i++) await keys.get(String(i), async () => randomBytes(32));
  expect(keys.size).toBe(3);
});

test.each([
  ["too short", { keys: { a: secret("abcd") } }, /must be 32 bytes, not 3/],
  ["no key at all", { keys: {} }, /no key "" to seal with/],
  ["a current key that is not there", { keys: { a: randomBytes(32) }, current: "b" }, /no key "b"/],
  ["an id that would not parse", { keys: { "a.b": randomBytes(32) } }, /letters, digits and hyphens/],
])("a vault is not made with %s", (_what, options, message) => {
  expect(() => aesVault(options)).toThrow(message);
});

test("keys are taken as hexadecimal digits and as base64", async () => {
  const sealed = await vault.seal(secret("s"), "x");
  for (const text of [key.toString("hex"), `${key.toString("base64")}\n`])
    expect((await aesVault({ keys: { a: secret(text) } }).open(sealed, "x")).reveal()).toBe("s");
});

const options = {
  url: "https://hec.example.com",
  token: secret("t0ken"),
  nested: { token: "t1ken", list: [{ token: "t2ken" }] },
};

test("options are sealed wherever a secret stands, and open as they were", async () => {
  const sealed = await sealedOptions(options, ["token"], vault, "stream");
  expect(JSON.stringify(sealed)).not.toMatch(/t\dken/);
  const opened = (await openedOptions(sealed, vault, "stream")) as typeof options;
  expect(opened.url).toBe(options.url);
  expect(opened.token.reveal()).toBe("t0ken");
  expect((opened.nested.token as unknown as typeof options.token).reveal()).toBe("t1ken");
  expect(holdsSecret(opened, [])).toBe(true);
});

test("options for people and for declared streams are redacted", async () => {
  const shown = {
    url: options.url,
    token: "[redacted]",
    nested: { token: "[redacted]", list: [{ token: "[redacted]" }] },
  };
  expect(shownOptions(await sealedOptions(options, ["token"], vault, "stream"))).toEqual(shown);
  expect(storableOptions(options, ["token"])).toEqual(shown);
});

test("sealed options do not open without a vault", async () => {
  const sealed = await sealedOptions(options, ["token"], vault, "stream");
  await expect(openedOptions(sealed, undefined, "stream")).rejects.toMatchObject({ code: "secrets_unavailable" });
});
