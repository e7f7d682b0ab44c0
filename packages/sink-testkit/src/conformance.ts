import assert from "node:assert/strict";
import type { Check } from "./check.ts";
import { checkTools } from "./check.ts";
import { allChecks } from "./checks/all.ts";
import type { SinkHarness } from "./harness.ts";

/** A test runner's `test`: vitest's, jest's, bun's, `node:test`'s. */
export type TestFunction = (name: string, body: () => Promise<void>) => unknown;

/** A check that a sink is known to fail, and why that is right. */
export interface Waiver {
  /** Id of the check, as in the test's name, e.g. `outcomes/busy`. */
  readonly check: string;
  readonly reason: string;
}

/** What became of a check at registration, for the sink's documentation. */
export interface ConformanceEntry {
  readonly check: string;
  /** What a sink promises that passes it. */
  readonly title: string;
  readonly status: "checked" | "waived" | "not_playable";
  /** The reason of a waiver, or the faults that the harness cannot play. */
  readonly note?: string;
}

/** What {@link sinkConformance} takes. */
export interface SinkConformance {
  readonly test: TestFunction;
  readonly harness: SinkHarness;
  readonly waivers?: readonly Waiver[];
}

/**
 * Registers one test per check of the sink contract. A waived check must still fail: a waiver that is no longer needed
 * fails, and so does one for a check that does not exist or cannot be played, or that gives no reason.
 *
 * @example
 * ```ts
 * import { test } from "vitest";
 * sinkConformance({ test, harness: { faults: ["busy"], secrets: [token], open: openMyDestination } });
 * ```
 */
export function sinkConformance({ test, harness, waivers = [] }: SinkConformance): readonly ConformanceEntry[] {
  const waived = new Map(waivers.map(({ check, reason }) => [check, reason]));
  const entries = allChecks.map((check) => entryOf(check, harness, waived.get(check.id)));
  for (const { check, reason } of waivers) {
    const entry = entries.find((candidate) => candidate.check === check);
    assert.ok(
      entry !== undefined,
      `There is no check "${check}" to waive. Checks: ${allChecks.map((c) => c.id).join(", ")}.`,
    );
    assert.notEqual(entry.status, "not_playable", `The waiver for "${check}" is unused: the harness cannot play it.`);
    assert.notEqual(reason.trim(), "", `The waiver for "${check}" gives no reason.`);
  }
  assert.equal(waived.size, waivers.length, "A check is waived twice.");
  for (const [index, check] of allChecks.entries()) {
    const entry = entries[index] as ConformanceEntry;
    if (entry.status === "not_playable") continue;
    const run = (): Promise<void> => runCheck(check, harness);
    if (entry.status === "checked") test(`${check.id}: ${check.title}`, run);
    else test(`${check.id}: waived, ${entry.note}`, () => expectFailure(check.id, run));
  }
  return entries;
}

function entryOf(check: Check, harness: SinkHarness, waiver: string | undefined): ConformanceEntry {
  const lacking = (check.needs ?? []).filter((kind) => !harness.faults.includes(kind));
  const { id, title } = check;
  if (lacking.length > 0) return { check: id, title, status: "not_playable", note: lacking.join(", ") };
  return waiver === undefined
    ? { check: id, title, status: "checked" }
    : { check: id, title, status: "waived", note: waiver };
}

async function runCheck(check: Check, harness: SinkHarness): Promise<void> {
  await using backend = await harness.open();
  await check.run(checkTools(harness, backend));
}

async function expectFailure(id: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch {
    return;
  }
  assert.fail(`The waiver for "${id}" is not needed any more: the check passes. Remove it.`);
}
