import type { StreamRecord } from "./store.ts";

/** When a stream could not have delivered. */
export type Absences = Pick<StreamRecord, "createdAt" | "pausedAt" | "resumedAt">;

/**
 * From when on an event counts as waiting for a stream, Unix ms: its append, but no time in which the stream was not there,
 * or in its last pause. Who pauses a stream takes no blame off it for what had waited before. Later appends never count
 * from earlier on.
 */
export function waitsSince({ createdAt, pausedAt, resumedAt }: Absences, appendedAt: number): number {
  const base = Math.max(appendedAt, createdAt);
  if (resumedAt === undefined || base >= resumedAt) return base;
  return base + Math.max(0, resumedAt - Math.max(base, pausedAt ?? createdAt));
}
