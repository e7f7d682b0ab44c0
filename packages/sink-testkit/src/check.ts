import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { Chunk, DeliveryContext, DeliveryResult, Sink } from "@headgate/core";
import { silentLogger } from "@headgate/core";
import type { FaultKind } from "./fault.ts";
import type { ReceivedBatch, SinkBackend, SinkHarness, SinkOverrides } from "./harness.ts";

/** One thing that every sink promises, and how to find out. */
export interface Check {
  /** File and name, e.g. `outcomes/busy`: what a waiver names. */
  readonly id: string;
  readonly title: string;
  /** Faults that the destination must be able to play. */
  readonly needs?: readonly FaultKind[];
  run(tools: CheckTools): Promise<void>;
}

/** What a check works with: one fresh destination and calls that cannot hang for ever. */
export interface CheckTools extends AsyncDisposable {
  readonly harness: SinkHarness;
  readonly backend: SinkBackend;
  /** A sink on the destination; it is disposed of when the check ends. */
  create(overrides?: SinkOverrides): Promise<Sink>;
  /** One `deliver` call. Fails when it throws: failure is data. */
  deliver(sink: Sink, chunk: Chunk, context?: Partial<DeliveryContext>): Promise<DeliveryResult>;
  /** Delivers as core does, call after call without the waits, until it is delivered. Fails on anything but `retry` and after ten calls. */
  deliverToEnd(sink: Sink, chunk: Chunk): Promise<void>;
  /** What the destination has. */
  received(): Promise<readonly ReceivedBatch[]>;
  /** The promise, or a failure once the harness's patience is over. */
  within<T>(what: string, promise: PromiseLike<T>): Promise<T>;
}

/** The context of a first attempt that nobody aborts. */
export function deliveryContext(parts: Partial<DeliveryContext> = {}): DeliveryContext {
  return { signal: new AbortController().signal, attempt: 1, logger: silentLogger, ...parts };
}

/** Tools over one destination. */
export function checkTools(harness: SinkHarness, backend: SinkBackend): CheckTools {
  const sinks: Sink[] = [];
  const patienceMs = harness.patienceMs ?? 10_000;

  async function within<T>(what: string, promise: PromiseLike<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const impatience = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new assert.AssertionError({ message: `${what} did not end within ${patienceMs} ms.` })),
        patienceMs,
      );
    });
    try {
      return await Promise.race([promise, impatience]);
    } finally {
      clearTimeout(timer);
    }
  }

  async function deliver(sink: Sink, chunk: Chunk, context?: Partial<DeliveryContext>): Promise<DeliveryResult> {
    let result: DeliveryResult;
    try {
      result = await within("deliver", sink.deliver(chunk, deliveryContext(context)));
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assert.fail(`deliver threw in place of returning a result: ${inspect(error)}`);
    }
    expectResult(result, chunk);
    return result;
  }

  return {
    harness,
    backend,
    within,
    deliver,
    async create(overrides) {
      const sink = await backend.create(overrides);
      sinks.push(sink);
      return sink;
    },
    async deliverToEnd(sink, chunk) {
      for (let attempt = 1; attempt <= 10; attempt++) {
        const result = await deliver(sink, chunk, { attempt });
        if (result.status === "delivered") return;
        assert.equal(result.status, "retry", `deliver ended ${result.status}: ${inspect(result)}`);
        await new Promise((resolve) => setTimeout(resolve, 10 * attempt));
      }
      assert.fail("The chunk was not delivered after ten calls to a destination that is well.");
    },
    received: async () => await within("received", Promise.resolve(backend.received())),
    async [Symbol.asyncDispose]() {
      for (const sink of sinks) await within("dispose", sink[Symbol.asyncDispose]());
    },
  };
}

/** Fails on a result that no reading of the contract allows. */
function expectResult(result: DeliveryResult, chunk: Chunk): void {
  if (result.status === "delivered") {
    assert.ok(result.receipt !== "", "delivered without a receipt.");
    return;
  }
  if (result.status === "split") return;
  const accepted = result.acceptedCount ?? 0;
  assert.ok(Number.isInteger(accepted) && accepted >= 0 && accepted <= chunk.count, `acceptedCount is ${accepted}.`);
  if (result.status === "retry") {
    assert.ok(result.afterMs === undefined || result.afterMs >= 0, `afterMs is ${result.afterMs}.`);
  }
  if (result.status !== "rejected") return;
  assert.ok(result.indexes.length > 0, "rejected names no event.");
  for (const index of result.indexes) {
    assert.ok(Number.isInteger(index) && index >= accepted && index < chunk.count, `rejected names event ${index}.`);
  }
}
