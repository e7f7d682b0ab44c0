import { serviceLevels, type StreamStatus } from "@headgate/core";
import type { DemoState, DemoStream } from "../state.ts";

/** A time for tests, Unix ms. */
export const noon: number = Date.parse("2025-07-16T12:00:00Z");

/** A stream that does well. */
export function demoStream(
  organization: string,
  changes: Omit<Partial<DemoStream>, "status"> & { readonly status?: Partial<StreamStatus> } = {},
): DemoStream {
  const { status, ...rest } = changes;
  return {
    organization,
    broken: false,
    objects: 3,
    ...rest,
    status: {
      id: `${organization}-files`,
      organization,
      sink: "file",
      options: {},
      declared: true,
      createdAt: noon - 3_600_000,
      overdue: 0,
      serviceLevels: serviceLevels(undefined, 0, noon),
      activity: [],
      health: { state: "active", since: noon - 60_000, consecutiveFailures: 0 },
      accepted: 1204,
      delivered: 1192,
      quarantined: 0,
      filtered: 0,
      lost: 0,
      pending: 12,
      pendingBytes: 6000,
      lastStreamed: { sequence: 1192, occurredAt: noon - 4000, at: noon - 3000, receipt: "key" },
      ...status,
    },
  };
}

/** A stream whose destination the demo has broken. */
export function brokenStream(organization: string): DemoStream {
  return demoStream(organization, {
    broken: true,
    status: {
      health: {
        state: "blocked",
        since: noon - 9000,
        consecutiveFailures: 3,
        lastError: {
          code: "file_unwritable",
          message: `Cannot write to ./headgate-demo/${organization}: a part of the path is a file (ENOTDIR).`,
          hint: "Move that file away, or choose another directory.",
          at: noon - 1000,
        },
      },
    },
  });
}

/** A demo that has run for a while. */
export function demoState(changes: Partial<DemoState> = {}): DemoState {
  return {
    now: noon,
    startedAt: noon - 42_000,
    directory: "./headgate-demo",
    eventsPerSecond: 6,
    streams: [demoStream("acme"), demoStream("borealis"), demoStream("cobalt")],
    selected: 0,
    happenings: [],
    stopping: false,
    ...changes,
  };
}
