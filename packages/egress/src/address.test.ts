import { describe, expect, it } from "vitest";
import { isPublicAddress } from "./address.ts";

describe("isPublicAddress", () => {
  it.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.31.255.255",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "::1",
    "::",
    "fd00::1",
    "fe80::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "::127.0.0.1",
    "::a00:1",
    "::ffff:0:10.0.0.1",
    "64:ff9b:1::a00:1",
    "fec0::1",
    "fe80::1%1",
    "2001::1",
    "2001:0:a00:1::1",
    "2002:a00:1::1",
    "2001:db8::1",
    "3fff::1",
    "100::1",
    "4000::1",
    "192.0.2.1",
    "198.51.100.1",
    "198.18.0.1",
    "203.0.113.7",
    "192.88.99.1",
    "",
    "no address",
  ])("knows that %s is not", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(["52.218.0.1", "8.8.8.8", "172.32.0.1", "2600:1f18::1", "2a05:d000::1", "::ffff:8.8.8.8"])(
    "knows that %s is",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});
