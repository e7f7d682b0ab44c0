import { expect, test } from "vitest";
import { isLoopback, mayBeToken } from "./token-keeper.ts";

test.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["127.3.2.1", true],
  ["[::1]", true],
  ["audit.example.com", false],
  ["localhost.example.com", false],
  ["127.0.0.1.example.com", false],
  ["10.0.0.1", false],
  ["", false],
])("a token in the address of %j counts: %s", (hostname, counts) => {
  expect(isLoopback(hostname)).toBe(counts);
});

test("only what a header can carry may be a token", () => {
  expect(["hg_1_secret", "hg …", "hg_ü", "hg a", "", "x".repeat(513)].map(mayBeToken)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
