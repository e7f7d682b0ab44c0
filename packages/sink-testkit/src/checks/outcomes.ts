import assert from "node:assert/strict";
import type { AuditEvent, DeliveryResult, ErrorCode, Sink } from "@headgate/core";
import { errorCodes } from "@headgate/core";
import { auditEvents } from "../audit-event.ts";
import type { Check, CheckTools } from "../check.ts";
import { chunkOf } from "../chunk-of.ts";
import { expectEvents, expectWholeChunks, repeatsAllowed } from "../expect-received.ts";
import type { Fault } from "../fault.ts";

interface Row {
  readonly fault: Fault;
  readonly title: string;
  readonly status: readonly DeliveryResult["status"][];
  readonly codes: readonly ErrorCode[];
  /** How long the sink should wait for an answer, in ms. */
  readonly timeoutMs?: number;
  /** More that must hold of the result. */
  readonly also?: (result: DeliveryResult) => void;
}

const askedMs = 3000;

/** What each fault of a destination means, as data. */
const table: readonly Row[] = [
  {
    fault: { kind: "busy", afterMs: askedMs },
    title: "waits as long as a busy destination asks",
    status: ["retry"],
    codes: ["destination_busy"],
    also: (result) => {
      const afterMs = result.status === "retry" ? (result.afterMs ?? 0) : 0;
      assert.ok(afterMs >= askedMs, `The destination asked for ${askedMs} ms, the sink for ${afterMs}.`);
    },
  },
  {
    fault: { kind: "unavailable" },
    title: "retries a destination that reports a fault of its own",
    status: ["retry"],
    codes: ["destination_failed", "destination_unreachable", "destination_busy"],
  },
  {
    fault: { kind: "reset" },
    title: "retries after a connection that breaks",
    status: ["retry"],
    codes: ["destination_unreachable", "destination_failed"],
  },
  {
    fault: { kind: "hang" },
    title: "gives up on a silent destination after its time limit, and retries",
    status: ["retry"],
    codes: ["destination_timeout"],
    timeoutMs: 300,
  },
  { fault: { kind: "slow", ms: 150 }, title: "waits for a slow destination", status: ["delivered"], codes: [] },
  {
    fault: { kind: "expired" },
    title: "renews a session that has run out, at once or with the next try",
    status: ["retry", "delivered"],
    codes: ["credentials_expired"],
  },
  {
    fault: { kind: "denied" },
    title: "holds the stream when access is denied, and drops nothing",
    status: ["blocked"],
    codes: ["access_denied", "credentials_invalid", "file_unwritable"],
  },
  {
    fault: { kind: "missing" },
    title: "holds the stream when the destination does not exist, and drops nothing",
    status: ["blocked"],
    codes: ["destination_missing", "file_unwritable"],
  },
  {
    fault: { kind: "full" },
    title: "retries while the destination has no room",
    status: ["retry"],
    codes: ["disk_full", "destination_busy", "destination_failed"],
  },
];

function rowCheck({ fault, title, status, codes, timeoutMs, also }: Row): Check {
  return {
    id: `outcomes/${fault.kind}`,
    title,
    needs: [fault.kind],
    async run(tools) {
      const sink = await tools.create(timeoutMs === undefined ? {} : { timeoutMs });
      const events = auditEvents(5);
      const chunk = chunkOf(sink, events);
      await tools.backend.script([fault]);
      const result = await tools.deliver(sink, chunk);
      assert.ok(
        status.includes(result.status),
        `"${fault.kind}" must end ${status.join(" or ")}, but ended ${JSON.stringify(result)}.`,
      );
      if (result.status !== "delivered") expectFailure(result, codes);
      also?.(result);
      expectWholeChunks(await tools.received(), [chunk]);
      if (result.status !== "delivered") {
        assert.deepEqual(await tools.received(), [], `"${fault.kind}" stores nothing, yet something is there.`);
      }
      await tools.backend.script([]);
      if (result.status !== "delivered") await tools.deliverToEnd(sink, chunk);
      expectEvents(await tools.received(), sink, events, "once");
    },
  };
}

function expectFailure(result: DeliveryResult, codes: readonly ErrorCode[]): void {
  if (result.status === "delivered") return;
  const { code, message, hint } = result.error;
  assert.ok(Object.hasOwn(errorCodes, code), `"${code}" is no code of the table.`);
  assert.ok(codes.includes(code), `The code must be one of ${codes.join(", ")}, but is ${code}.`);
  assert.ok(message.trim() !== "", "The error has no message.");
  assert.ok(hint !== undefined && hint.trim() !== "", `The error ${code} has no hint: say what the operator can do.`);
}

/** What each outcome means, and that nothing is dropped by any of them. */
export const outcomes: readonly Check[] = [
  ...table.map(rowCheck),
  {
    id: "outcomes/refuses",
    title: "names the events that are refused for good, and delivers the others",
    needs: ["refuses"],
    async run(tools) {
      const sink = await tools.create();
      const events = auditEvents(6);
      await tools.backend.script([{ kind: "refuses", indexes: [1, 4] }]);
      const refused = await deliverAsCore(tools, sink, events);
      // A destination that names one at a time may take the other when it is sent again.
      const bad = new Set([2, 5]);
      assert.ok(
        refused.length > 0 && refused.every((sequence) => bad.has(sequence)),
        `The events with the sequences 2 and 5 were refused, but ${refused.join()} were called so.`,
      );
      const kept = events.filter(({ sequence }) => !refused.includes(sequence));
      expectEvents(await tools.received(), sink, kept, repeatsAllowed(sink));
    },
  },
  {
    id: "outcomes/partial",
    title: "counts the leading events that a failing destination has taken, so that none is sent twice",
    needs: ["partial"],
    async run(tools) {
      const sink = await tools.create();
      const events = auditEvents(6);
      await tools.backend.script([{ kind: "partial", events: 4 }]);
      const result = await tools.deliver(sink, chunkOf(sink, events));
      assert.ok(
        result.status === "retry",
        `A request that is taken in part must end retry, but ended ${JSON.stringify(result)}.`,
      );
      expectFailure(result, ["destination_busy", "destination_failed", "destination_unreachable"]);
      assert.ok(
        (result.acceptedCount ?? 0) <= 4,
        `acceptedCount is ${result.acceptedCount}: four events were taken, the others would be lost.`,
      );
      await deliverRest(tools, sink, events.slice(result.acceptedCount ?? 0));
      expectEvents(await tools.received(), sink, events, "once");
    },
  },
];

/** Delivers what is not refused, as core does: the rest after the events that were named, halves where none was. */
async function deliverAsCore(tools: CheckTools, sink: Sink, events: readonly AuditEvent[]): Promise<number[]> {
  const refused: number[] = [];
  const waiting: (readonly AuditEvent[])[] = [events];
  for (let part = waiting.pop(), calls = 0; part !== undefined; part = waiting.pop(), calls++) {
    assert.ok(calls < 40, "Refused events have led to 40 calls for six events.");
    const result = await tools.deliver(sink, chunkOf(sink, part));
    if (result.status === "delivered") continue;
    assert.ok(
      result.status === "rejected" || result.status === "split",
      `Refused events must end rejected or split, but ended ${JSON.stringify(result)}.`,
    );
    expectFailure(result, ["event_refused", "event_too_large"]);
    const indexes = result.status === "rejected" ? result.indexes : part.length === 1 ? [0] : [];
    refused.push(...indexes.map((index) => part[index]?.sequence ?? 0));
    const accepted = result.status === "rejected" ? (result.acceptedCount ?? 0) : 0;
    const rest = part.filter((_, index) => index >= accepted && !indexes.includes(index));
    const middle = result.status === "split" ? Math.ceil(rest.length / 2) : rest.length;
    for (const half of [rest.slice(middle), rest.slice(0, middle)]) if (half.length > 0) waiting.push(half);
  }
  return refused;
}

async function deliverRest(
  tools: CheckTools,
  sink: Awaited<ReturnType<CheckTools["create"]>>,
  events: ReturnType<typeof auditEvents>,
): Promise<void> {
  await tools.deliverToEnd(sink, chunkOf(sink, events));
}
