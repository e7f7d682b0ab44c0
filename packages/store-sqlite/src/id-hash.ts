/** The seed of the hashes of one organization's ids, from the store's own seed. */
export function organizationSeed(organization: string, seed: readonly [number, number]): readonly [number, number] {
  const mixed = new Uint32Array(2);
  hashId(organization, seed, mixed, 0);
  return [mixed[0] ?? 0, mixed[1] ?? 0];
}

/**
 * Writes the 64-bit hash of an id as two numbers. Not a cryptographic hash: whatever it finds is confirmed by the ids
 * themselves. It is seeded per store, so that ids cannot be chosen beforehand to collide.
 */
export function hashId(id: string, seed: readonly [number, number], target: Uint32Array, at: number): void {
  let a = seed[0] ^ id.length;
  let b = seed[1] ^ 0x2545f491;
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x9e3779b1);
    b = Math.imul(b ^ unit, 0x5f356495);
    // Without this the high bits of a state would never reach the low ones that the next unit meets.
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  target[at] = a;
  target[at + 1] = b;
}
