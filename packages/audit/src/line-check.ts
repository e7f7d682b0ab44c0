import { formatTimestamp, hourOf } from "@headgate/core";
import { createLineSplitter } from "./line-splitter.ts";
import type { ObjectKey } from "./object-key.ts";
import { type AuditedEvent, readEvent } from "./read-event.ts";

// Longer than any event that core takes; keeps memory bounded whatever stands in an object.
const maxLineBytes = 64 * 1024 * 1024;

/** What the lines of one object come to. */
export interface LineCounts {
  readonly events: number;
  /** Lowest and highest sequence; 0 where there are no events. */
  readonly first: number;
  readonly last: number;
  /** Whose they are: one, where the object is good. */
  readonly organizations: readonly string[];
}

/** What a check of one object's lines is given, and tells. */
export interface LineCheck {
  push(chunk: Uint8Array): void;
  counted(): LineCounts;
  /** What only the whole object tells. */
  end(): readonly string[];
}

/** Starts with no lines. Views of bytes are not kept. */
export function createLineCheck(
  key: ObjectKey | undefined,
  onEvent: (event: AuditedEvent) => void,
  report: (reason: string) => void,
): LineCheck {
  let line = 0;
  let count = 0;
  let earliest = Number.POSITIVE_INFINITY;
  const organizations = new Set<string>();
  let last = 0;
  let [lowest, highest] = [Number.POSITIVE_INFINITY, 0];

  const splitter = createLineSplitter(maxLineBytes, (bytes) => {
    line++;
    const found = readEvent(bytes);
    if (typeof found === "string") return report(`line ${line} ${found}`);
    count++;
    earliest = Math.min(earliest, found.occurredAt);
    if (key !== undefined && hourOf(found.occurredAt) !== key.hour)
      report(`line ${line} occurred at ${formatTimestamp(found.occurredAt)}, outside the hour of the key`);
    if (found.fault !== undefined) report(`line ${line} ${found.fault}`);
    organizations.add(found.organization);
    if (organizations.size > 1) report("holds events of several organizations");
    else if (found.sequence <= last) report(`line ${line} is out of sequence order`);
    last = found.sequence;
    lowest = Math.min(lowest, last);
    highest = Math.max(highest, last);
    onEvent(found);
  });

  return {
    push: (chunk) => splitter.push(chunk),
    counted: () => ({
      events: count,
      first: count === 0 ? 0 : lowest,
      last: highest,
      organizations: [...organizations],
    }),
    end() {
      const reasons: string[] = [];
      if (splitter.end().length > 0) reasons.push("ends in the middle of a line");
      if (line === 0) reasons.push("holds no events");
      if (key === undefined) return reasons;
      if (hourOf(key.time) !== key.hour) reasons.push("the time in its name is outside the hour of its folders");
      if (count > 0 && Math.floor(earliest / 1000) * 1000 !== key.time) {
        reasons.push(`its earliest event is of ${formatTimestamp(earliest)}, not of the time in its name`);
      }
      return reasons;
    },
  };
}
