import { createHash } from "node:crypto";
import type { Clock } from "./clock.ts";
import { linkedSignal } from "./linked-signal.ts";
import type { Sink, VerificationStep } from "./sink.ts";
import type { StreamRecord } from "./store.ts";
import { contentOf } from "./stream-options.ts";

/** What the last verification of a stream found. */
export interface Verification {
  /** When it ended, Unix ms. */
  readonly at: number;
  /** No step failed. */
  readonly ok: boolean;
  readonly steps: readonly VerificationStep[];
  /** Names the settings that were verified: other settings are verified anew. No secret can be read from it. */
  readonly of: string;
}

/** Longer than any destination's own time limits taken together, in ms. */
const limitMs = 10 * 60_000;

/**
 * Names a stream's settings. A secret that is replaced by another changes it; the same one under another key of the vault does
 * not. Secrets of a declared stream are redacted in the record, so they change nothing here.
 */
export function settingsMark({ incarnation, sink, options }: StreamRecord): string {
  return createHash("sha256")
    .update(JSON.stringify([incarnation, sink, contentOf(options)]))
    .digest("hex")
    .slice(0, 16);
}

/** Whether a stream's settings have not been verified, or not with success. */
export function verificationDue(record: StreamRecord, last: Verification | undefined): boolean {
  return last?.ok !== true || last.of !== settingsMark(record);
}

/**
 * Runs a sink's verification to its end. What it throws becomes a failed step, and so does a time limit; undefined when
 * the signal was aborted, or for a sink that has none.
 */
export async function verifyStream(
  sink: Sink,
  record: StreamRecord,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Verification | undefined> {
  if (sink.verify === undefined || signal.aborted) return undefined;
  const steps: VerificationStep[] = [];
  const limit = new AbortController();
  const cancel = clock.after(limitMs, () => limit.abort());
  using either = linkedSignal(signal, limit.signal);
  const collect = async (found: AsyncIterable<VerificationStep>): Promise<void> => {
    for await (const step of found) {
      if (either.signal.aborted) return;
      steps.push(step);
    }
  };
  const stopped = new Promise<never>((_resolve, reject) => {
    either.signal.addEventListener("abort", () => reject(either.signal.reason as Error), { once: true });
  });
  try {
    // A sink that does not listen when it is told to stop must not keep other streams from being verified.
    await Promise.race([collect(sink.verify({ signal: either.signal })), stopped]);
  } catch (error) {
    if (signal.aborted) return undefined;
    const why = limit.signal.aborted
      ? `did not end within ${limitMs / 60_000} minutes`
      : `failed unexpectedly (${error instanceof Error ? error.name : typeof error})`;
    const fix = "Verify the stream again; if it lasts, please report it.";
    steps.push({ name: "verification", status: "failed", detail: `The ${sink.name} sink ${why}.`, fix });
  } finally {
    cancel();
  }
  const ok = steps.every(({ status }) => status !== "failed");
  return { at: clock.now(), ok, steps, of: settingsMark(record) };
}
