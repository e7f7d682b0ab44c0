import type { Clock } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { readAwsError } from "./aws-error.ts";
import { guardedRole } from "./guarded-role.ts";
import { stsRule } from "./sts-faults.ts";

/** As the SDK throws it. */
const refusal = (name: string, status = 403): Error =>
  Object.assign(new Error("refused"), { name, $metadata: { httpStatusCode: status } });

function rig(): {
  readonly clock: Clock;
  at: number;
  answer: Error | undefined;
  asked: number;
  takesAny: boolean;
  check: () => Promise<void>;
} {
  const self = {
    at: 0,
    answer: refusal("AccessDenied") as Error | undefined,
    asked: 0,
    takesAny: false,
    clock: { now: () => self.at, after: () => () => {} },
    check: async (): Promise<void> => {},
  };
  const context = { organization: "org_1", stream: "stream-1", clock: self.clock };
  self.check = guardedRole(
    "assumeRole",
    async ({ externalId: id }) => {
      self.asked++;
      if (self.takesAny && id !== undefined) return;
      if (self.answer !== undefined) throw self.answer;
    },
    context,
  );
  return self;
}

describe("a role that is to be assumed with an external id", () => {
  it("is used where it is refused without one, which holds for a day", async () => {
    const r = rig();
    await r.check();
    r.at = 23 * 3_600_000;
    await r.check();
    expect(r.asked).toBe(2);
    r.at = 25 * 3_600_000;
    r.answer = undefined;
    await expect(r.check()).rejects.toThrow("without this stream's external id");
  });

  it("is never used where any external id will do", async () => {
    const r = rig();
    r.takesAny = true;
    await expect(r.check()).rejects.toThrow("without this stream's external id");
  });

  it("is never used where it is given out without one, and blocks the stream with what to do", async () => {
    const r = rig();
    r.answer = undefined;
    const error: unknown = await r.check().catch((thrown: unknown) => thrown);
    expect(stsRule(readAwsError(error))).toMatchObject({ action: "blocked", code: "access_denied" });
    expect(stsRule(readAwsError(error)).hint).toContain("sts:ExternalId");
    await expect(r.check()).rejects.toThrow("without this stream's external id");
    r.answer = refusal("AccessDenied");
    await r.check();
  });

  it.each([
    ["Throttling", 400],
    ["ServiceUnavailable", 503],
    ["RequestTimeTooSkewed", 400],
    ["ExpiredToken", 400],
    ["InvalidClientTokenId", 403],
    // What the SDK makes of a proxy's page.
    ["Unknown", 403],
  ])("is not proven by %s (%d), which says nothing of it", async (name, status) => {
    const r = rig();
    r.answer = refusal(name, status);
    await expect(r.check()).rejects.toBe(r.answer);
    await expect(r.check()).rejects.toBe(r.answer);
    expect(r.asked).toBe(2);
  });
});
