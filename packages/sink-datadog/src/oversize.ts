import type { Chunk, DeliveryResult } from "@headgate/core";
import { intakeLimits } from "./limits.ts";

/**
 * The result that keeps events over the intake's limit where they are; undefined where there are none. A new event never
 * gets here, but one that is retried from quarantine does, whatever its size: the intake would cut it and answer 202.
 */
export function oversizeResult({ sizes }: Pick<Chunk, "sizes">): DeliveryResult | undefined {
  const indexes: number[] = [];
  for (let i = 0; i < sizes.length; i++) if ((sizes[i] as number) > intakeLimits.maxEventBytes) indexes.push(i);
  if (indexes.length === 0) return undefined;
  const message = `The event has more than ${intakeLimits.maxEventBytes} bytes as a log; Datadog would take it and cut it in silence.`;
  const hint =
    "Datadog's limit cannot be raised: keep the event elsewhere, in an S3 stream or an export, and discard it.";
  return { status: "rejected", indexes, error: { code: "event_too_large", message, hint } };
}
