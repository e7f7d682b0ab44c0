import type { Random } from "@headgate/core";

/** Choices at random, all from one source of numbers. */
export interface Draw {
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  /** A whole number from `min` to `max`, where each doubling is as likely as the next: most are small, some are large. */
  spread(min: number, max: number): number;
  /** One of them; undefined where the list may be empty and is. */
  pick<const T extends readonly unknown[]>(
    items: T,
  ): T extends readonly [unknown, ...unknown[]] ? T[number] : T[number] | undefined;
  /** From `min` to `max` different items, in the order of the list. */
  some<T>(items: readonly T[], min: number, max: number): T[];
  weighted<T>(items: readonly (readonly [item: T, weight: number])[]): T;
  /** Lower-case hex digits. */
  hex(digits: number): string;
  /** An id such as `ses_4k1v9q0z2m`. */
  id(prefix: string): string;
  /** A fingerprint in the form that `ssh-keygen -l` prints. */
  fingerprint(): string;
}

const base36 = "0123456789abcdefghijklmnopqrstuvwxyz";
const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function createDraw(random: Random): Draw {
  const integer = (min: number, max: number): number => min + Math.floor(random() * (max - min + 1));
  const text = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
  return {
    chance: (probability) => random() < probability,
    integer,
    spread: (min, max) => Math.round(min * (max / min) ** random()),
    pick: (items) => items[Math.floor(random() * items.length)] as never,
    some(items, min, max) {
      let wanted = Math.min(items.length, integer(min, max));
      let left = items.length;
      return items.filter(() => {
        const taken = random() * left < wanted;
        left -= 1;
        if (taken) wanted -= 1;
        return taken;
      });
    },
    weighted<T>(items: readonly (readonly [T, number])[]) {
      let at = random() * items.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [item, weight] of items) {
        at -= weight;
        if (at < 0) return item;
      }
      return (items.at(-1) as readonly [T, number])[0];
    },
    hex: (digits) => text(base36.slice(0, 16), digits),
    id: (prefix) => `${prefix}_${text(base36, 10)}`,
    fingerprint: () => `SHA256:${text(base64, 43)}`,
  };
}
