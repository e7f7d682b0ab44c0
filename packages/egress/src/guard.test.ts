import { isHeadgateError } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressGuard, addressRefusedCode, guardedLookup, permitsHost } from "./guard.ts";

const octet = fc.integer({ min: 0, max: 255 });
const privateV4 = fc.oneof(
  fc.tuple(fc.constant(10), octet, octet, octet),
  fc.tuple(fc.constant(127), octet, octet, octet),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
  fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
  fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
  fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), octet, octet),
  fc.tuple(fc.constant(0), octet, octet, octet),
);
const hex = (high: number, low: number): string => ((high << 8) | low).toString(16);

describe("addressGuard", () => {
  it("sees a private IPv4 address in every IPv6 form that carries one", () => {
    fc.assert(
      fc.property(privateV4, ([a, b, c, d]) => {
        const plain = `${a}.${b}.${c}.${d}`;
        const words = `${hex(a, b)}:${hex(c, d)}`;
        const guard = addressGuard();
        // Mapped, compatible, translated, NAT64 (both prefixes), 6to4, ISATAP, Teredo's server.
        for (const form of [
          plain,
          `::ffff:${plain}`,
          `::ffff:${words}`,
          `::${words}`,
          `::ffff:0:${words}`,
          `64:ff9b::${words}`,
          `64:ff9b:1::${words}`,
          `2002:${words}::1`,
          `fe80::5efe:${words}`,
          `2001:0:${words}::1`,
        ]) {
          expect([form, guard.permits(form)]).toEqual([form, false]);
        }
      }),
    );
  });

  it("permits what the operator allows, and nothing beside it", () => {
    const guard = addressGuard({ allow: ["10.20.0.0/16", "fd00:1::/32", "127.0.0.1"] });
    for (const address of ["10.20.0.1", "::ffff:10.20.255.255", "fd00:1::9", "127.0.0.1", "8.8.8.8"])
      expect([address, guard.permits(address)]).toEqual([address, true]);
    for (const address of ["10.21.0.1", "fd00:2::9", "127.0.0.2", "169.254.169.254", "", "no address", "fe80::1%eth0"])
      expect([address, guard.permits(address)]).toEqual([address, false]);
  });

  it("permits any address where the operator says insecure", () => {
    expect(addressGuard({ insecure: true }).permits("127.0.0.1")).toBe(true);
  });

  it.each(["10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "::/129", "example.com", "10.0.0.0/8/9", "10.0.0.0/-1", ""])(
    "refuses %j in the list of the operator",
    (entry) => {
      try {
        addressGuard({ allow: [entry] });
        expect.unreachable();
      } catch (error) {
        expect(isHeadgateError(error, "config_invalid")).toBe(true);
      }
    },
  );
});

describe("permitsHost", () => {
  it("judges addresses and the names that always mean this machine, and leaves other names to the connection", () => {
    for (const host of ["localhost", "a.localhost", "LOCALHOST.", "[::1]", "127.0.0.1"])
      expect([host, permitsHost(host, {})]).toEqual([host, false]);
    for (const host of ["s3.example.com", "localhost.example.com", "[2600::1]"])
      expect([host, permitsHost(host, {})]).toEqual([host, true]);
    expect(permitsHost("localhost", { allow: ["127.0.0.0/8"] })).toBe(true);
  });
});

describe("guardedLookup", () => {
  const resolve = (name: string, allow: readonly string[], all: boolean): Promise<unknown> =>
    new Promise((done) => {
      guardedLookup(addressGuard({ allow }))(name, { all }, (error, address) => done(error ?? address));
    });

  it("refuses a name where one of its addresses is private, and gives the very addresses that it judged", async () => {
    expect(await resolve("localhost", [], false)).toMatchObject({ code: addressRefusedCode });
    expect(await resolve("localhost", [], true)).toMatchObject({ code: addressRefusedCode });
    expect(await resolve("localhost", ["127.0.0.0/8", "::1"], false)).toMatch(/^(127\.|::1$)/);
    const all = (await resolve("localhost", ["127.0.0.0/8", "::1"], true)) as readonly { readonly address: string }[];
    expect(all.every(({ address }) => address === "::1" || address.startsWith("127."))).toBe(true);
  });
});
