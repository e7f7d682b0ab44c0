import { fail, strictEqual } from "node:assert/strict";
import type { ErrorCode } from "@headgate/core";
import { isHeadgateError } from "@headgate/core";

/** The promise must reject with this code; anything else fails the check. */
export async function rejectsWith(code: ErrorCode, promise: Promise<unknown>): Promise<void> {
  let outcome: unknown;
  try {
    outcome = await promise;
  } catch (error) {
    if (!isHeadgateError(error)) throw error;
    strictEqual(error.code, code);
    return;
  }
  fail(`expected ${code}, but it resolved to ${JSON.stringify(outcome)}`);
}

/** How many resolved, and that each other one was rejected with this code. */
export async function winners(code: ErrorCode, promises: readonly Promise<unknown>[]): Promise<number> {
  const settled = await Promise.allSettled(promises);
  for (const result of settled) {
    if (result.status === "rejected" && !isHeadgateError(result.reason, code)) throw result.reason;
  }
  return settled.filter(({ status }) => status === "fulfilled").length;
}
