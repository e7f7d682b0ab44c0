import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pseudonymiser } from "./pseudonyms.ts";
import { hmacPseudonyms } from "./pseudonyms.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const organization = fc.string({ minLength: 1 });
const kind = fc.constantFrom("text", "json");
/** Halves of surrogate pairs are hashed as what stands for them in UTF-8, so they are not told apart. */
const value = fc.oneof(
  fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
  fc.string({ unit: fc.constantFrom("\0", "a", "\u2028", "hmac:", "text", "json"), maxLength: 8 }),
  fc.nat({ max: 100_000 }).map((length) => "x".repeat(length)),
);

function under(bytes: Uint8Array, of: string): Pseudonymiser {
  const found = hmacPseudonyms({ keys: { one: bytes } }).under("one", of);
  if (found === undefined) throw new Error("no key");
  return found;
}

/** How many of the 192 bits differ. */
function distance(one: string, other: string): number {
  const bytes = (text: string): Buffer => Buffer.from(text.replace("hmac:", ""), "base64url");
  const [a, b] = [bytes(one), bytes(other)];
  return [...a].reduce((sum, byte, i) => sum + (byte ^ (b[i] ?? 0)).toString(2).replaceAll("0", "").length, 0);
}

describe("pseudonyms", () => {
  it("are the same for the same value under the same key, and have one form whatever the value is", () => {
    fc.assert(
      fc.property(key, organization, kind, value, (bytes, of, as, text) => {
        const first = under(bytes, of)(text, as);
        expect(under(new Uint8Array(bytes), of)(text, as)).toBe(first);
        expect(first).toMatch(/^hmac:[A-Za-z0-9_-]{32}$/);
      }),
    );
  });

  it("differ where anything else does: value, kind, organization or key", () => {
    const one = fc.tuple(key, organization, kind, value);
    fc.assert(
      fc.property(one, one, fc.integer({ min: 1, max: 15 }), (first, other, mask) => {
        // Each bit says of which of the two a part is taken.
        const mixed = first.map((part, i) => ((mask >> i) & 1 ? other[i] : part)) as typeof first;
        fc.pre(JSON.stringify(mixed) !== JSON.stringify(first));
        const of = ([bytes, org, as, text]: typeof first): string => under(bytes, org)(text, as);
        expect(of(mixed)).not.toBe(of(first));
      }),
      { numRuns: 1000 },
    );
  });

  it("never meet over thousands of values, organizations and keys", () => {
    const seen = new Set<string>();
    let count = 0;
    for (let k = 0; k < 5; k++) {
      for (const of of ["org_1", "org_2", "org_1\0", "org", ""]) {
        const pseudonym = under(new Uint8Array(32).fill(k), of);
        for (let n = 0; n < 800; n++) {
          seen.add(pseudonym(`user-${n}@example.com`, "text"));
          count++;
        }
      }
    }
    expect(seen.size).toBe(count);
  });

  it("tell neither how long a value is nor how it begins", () => {
    const pseudonym = under(new Uint8Array(32).fill(7), "org_1");
    const pairs = Array.from({ length: 2000 }, (_, n): [string, string] => [
      // Values that differ in their last character, and values of which one is the other's beginning.
      `${"a".repeat(n % 200)}${n}`,
      n % 2 === 0 ? `${"a".repeat(n % 200)}${n}x` : `${"a".repeat(n % 200)}${n + 1}`,
    ]);
    const distances = pairs.map(([one, other]) => distance(pseudonym(one, "text"), pseudonym(other, "text")));
    const mean = distances.reduce((sum, one) => sum + one, 0) / distances.length;
    // Half of 192 bits, as between any two texts of chance. The values are fixed, and so is what comes of them.
    expect(Math.abs(mean - 96)).toBeLessThan(1);
    expect(Math.min(...distances)).toBeGreaterThan(60);
  });
});
