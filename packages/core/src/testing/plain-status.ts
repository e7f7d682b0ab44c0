import { serviceLevels } from "../service-level.ts";
import type { StreamStatus } from "../stream-status.ts";

/** The status of a stream `s` that was created at `start` and has nothing to deliver. */
export function plainStatus(start: number, health: Partial<StreamStatus["health"]> = {}): StreamStatus {
  return {
    id: "s",
    organization: "org",
    sink: "kit",
    options: {},
    declared: false,
    createdAt: start,
    health: { state: "active", since: start, consecutiveFailures: 0, ...health },
    accepted: 0,
    delivered: 0,
    quarantined: 0,
    filtered: 0,
    lost: 0,
    pending: 0,
    pendingBytes: 0,
    overdue: 0,
    serviceLevels: serviceLevels(undefined, 0, start),
    activity: [],
  };
}
