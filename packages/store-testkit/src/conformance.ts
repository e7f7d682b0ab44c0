import { fail } from "node:assert/strict";
import { appendChecks } from "./checks/appends.ts";
import { changeChecks } from "./checks/changes.ts";
import { checkpointChecks } from "./checks/checkpoints.ts";
import { deliveryChecks } from "./checks/deliveries.ts";
import { documentChecks } from "./checks/documents.ts";
import { idempotenceChecks } from "./checks/idempotence.ts";
import { leaseChecks } from "./checks/leases.ts";
import { lifetimeChecks } from "./checks/lifetimes.ts";
import { modelChecks } from "./checks/model.ts";
import { objectChecks } from "./checks/objects.ts";
import { quarantineChecks } from "./checks/quarantine.ts";
import { rangeChecks } from "./checks/ranges.ts";
import { skipChecks } from "./checks/skips.ts";
import { snapshotChecks } from "./checks/snapshots.ts";
import { streamChecks } from "./checks/streams.ts";
import { trimChecks } from "./checks/trims.ts";
import type { StoreCheck, StoreHarness, Waiver } from "./harness.ts";

/** Every check of the kit, also those that a given harness may lack the means for. */
export const storeChecks: readonly StoreCheck[] = [
  ...appendChecks,
  ...idempotenceChecks,
  ...rangeChecks,
  ...changeChecks,
  ...trimChecks,
  ...skipChecks,
  ...checkpointChecks,
  ...leaseChecks,
  ...quarantineChecks,
  ...streamChecks,
  ...snapshotChecks,
  ...deliveryChecks,
  ...objectChecks,
  ...documentChecks,
  ...lifetimeChecks,
  ...modelChecks,
];

/** What {@link storeConformance} takes. */
export interface StoreConformanceOptions {
  /** The runner's function that registers a test: vitest's or node:test's `test`, or one of like shape. */
  readonly test: (name: string, body: () => Promise<void>) => unknown;
  readonly harness: StoreHarness;
  /** Checks that the store is known not to pass. One that it does pass, or that does not exist, fails. */
  readonly waivers?: readonly Waiver[];
}

async function unusedUnlessItFails(check: StoreCheck, waiver: Waiver, harness: StoreHarness): Promise<void> {
  try {
    await check.run(harness);
  } catch {
    return;
  }
  fail(`The store passes this check: take back the waiver (${waiver.reason}).`);
}

/**
 * Registers one test per check that the harness has the means for.
 *
 * @example
 * ```ts
 * import { test } from "vitest";
 *
 * const clock = settableClock();
 * storeConformance({ test, harness: { clock, open: async () => memoryStore({ clock }) } });
 * ```
 */
export function storeConformance(options: StoreConformanceOptions): void {
  const { test, harness, waivers = [] } = options;
  for (const check of storeChecks) {
    const waiver = waivers.find((candidate) => candidate.check === check.name);
    const able = check.needs?.every((need) => harness[need] !== undefined) ?? true;
    if (!able) {
      if (waiver !== undefined) {
        test(check.name, async () => fail("A waiver names a check that the harness has no means for."));
      }
    } else if (waiver === undefined) {
      test(check.name, () => check.run(harness));
    } else {
      test(`${check.name} (waived: ${waiver.reason})`, () => unusedUnlessItFails(check, waiver, harness));
    }
  }
  for (const { check } of waivers) {
    if (!storeChecks.some(({ name }) => name === check)) {
      test(check, async () => fail("A waiver names a check that does not exist."));
    }
  }
}
