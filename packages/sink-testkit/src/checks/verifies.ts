import assert from "node:assert/strict";
import type { Sink, VerificationStep } from "@headgate/core";
import type { Check, CheckTools } from "../check.ts";
import type { Fault } from "../fault.ts";

/** `verify`, where the sink has it; that it has, the harness says. */
export const verifies: readonly Check[] = [
  {
    id: "verifies/steps",
    title: "verifies a good destination step by step, without an event",
    async run(tools) {
      const sink = await tools.create();
      const expected = tools.harness.verifies ?? true;
      assert.equal(
        sink.verify !== undefined,
        expected,
        `The harness says verifies: ${expected}, the sink does otherwise.`,
      );
      if (!expected) return;
      const steps = await verify(tools, sink);
      assert.ok(steps.length > 0, "verify has no steps.");
      assert.equal(new Set(steps.map((step) => step.name)).size, steps.length, "Two steps have the same name.");
      for (const step of steps) assert.notEqual(step.status, "failed", JSON.stringify(step));
      assert.deepEqual(await tools.received(), [], "verify left something that looks like a delivery.");
      await verify(tools, sink);
    },
  },
  failing({ kind: "denied" }),
  failing({ kind: "missing" }),
  {
    id: "verifies/cancels",
    title: "stops verifying when the signal is aborted",
    async run(tools) {
      const sink = await tools.create();
      if (sink.verify === undefined) return;
      const reason = new Error("shutdown");
      const steps = collect(sink, AbortSignal.abort(reason)).catch((error: unknown) => error);
      assert.equal(await tools.within("verify", steps), reason, "verify must reject with the signal's reason.");
    },
  },
];

function failing(fault: Fault): Check {
  return {
    id: `verifies/${fault.kind}`,
    title: `says what to do when the destination is ${fault.kind}`,
    needs: [fault.kind],
    async run(tools) {
      const sink = await tools.create();
      if (sink.verify === undefined) return;
      await tools.backend.script([fault]);
      const steps = await verify(tools, sink);
      const failed = steps.findIndex((step) => step.status === "failed");
      assert.ok(failed !== -1, `verify finds nothing wrong with a destination that is ${fault.kind}.`);
      await tools.backend.script([]);
      const again = await verify(tools, sink);
      assert.ok(
        again.every((step) => step.status !== "failed"),
        `verify still fails once mended: ${JSON.stringify(again)}`,
      );
    },
  };
}

async function verify(tools: CheckTools, sink: Sink): Promise<readonly VerificationStep[]> {
  const steps = await tools.within("verify", collect(sink, new AbortController().signal));
  for (const step of steps) {
    assert.ok(["ok", "failed", "skipped"].includes(step.status), `A step has the status ${step.status}.`);
    assert.ok(step.name.trim() !== "", "A step has no name.");
    assert.ok(step.detail.trim() !== "", `The step "${step.name}" has no detail.`);
    if (step.status === "failed")
      assert.ok(step.fix !== undefined && step.fix.trim() !== "", `The failed step "${step.name}" has no fix.`);
  }
  return steps;
}

async function collect(sink: Sink, signal: AbortSignal): Promise<VerificationStep[]> {
  const steps: VerificationStep[] = [];
  for await (const step of sink.verify?.({ signal }) ?? []) steps.push(step);
  return steps;
}
