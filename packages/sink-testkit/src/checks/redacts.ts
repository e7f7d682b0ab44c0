import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { AuditEvent, Logger } from "@headgate/core";
import { auditEvents } from "../audit-event.ts";
import type { Check, CheckTools } from "../check.ts";
import { deliveryContext } from "../check.ts";
import { chunkOf } from "../chunk-of.ts";
import type { Fault, FaultKind } from "../fault.ts";

const content = "content-that-nobody-may-log";
const faults: Readonly<Record<FaultKind, Fault>> = {
  busy: { kind: "busy" },
  unavailable: { kind: "unavailable" },
  reset: { kind: "reset" },
  hang: { kind: "hang" },
  slow: { kind: "slow", ms: 10 },
  lost_reply: { kind: "lost_reply" },
  expired: { kind: "expired" },
  partial: { kind: "partial", events: 1 },
  refuses: { kind: "refuses", indexes: [0] },
  denied: { kind: "denied" },
  missing: { kind: "missing" },
  full: { kind: "full" },
};

/** Neither a credential nor an event's content shows anywhere. */
export const redacts: readonly Check[] = [
  {
    id: "redacts/everywhere",
    title: "shows no secret and no event content in results, errors, log lines, inspection or JSON",
    async run(tools) {
      const said: string[] = [];
      const logger = listeningLogger(said);
      const sink = await tools.create({ logger, timeoutMs: 200 });
      const events = auditEvents(3, 1, {
        actor: { type: "user", id: "u", name: content },
        metadata: { note: content },
      });
      for (const kind of [...tools.harness.faults, undefined]) {
        await tools.backend.script(kind === undefined ? [] : [faults[kind]]);
        said.push(await deliverAndShow(tools, sink, events, logger));
        if (sink.verify !== undefined && kind !== "hang") said.push(await verifyAndShow(sink));
      }
      await tools.backend.script([]);
      said.push(show(sink));
      await sink[Symbol.asyncDispose]();
      said.push(await deliverAndShow(tools, sink, events, logger));
      for (const text of said) {
        for (const hidden of tools.harness.secrets) {
          // Never the text itself: this message would be the leak.
          for (const form of forms(hidden))
            assert.ok(!text.includes(form), "A secret shows in a result, error or log line.");
        }
        assert.ok(!text.includes(content), `An event's content shows: ${text.slice(0, 500)}`);
      }
    },
  },
];

type TestedSink = Awaited<ReturnType<CheckTools["create"]>>;

async function deliverAndShow(
  tools: CheckTools,
  sink: TestedSink,
  events: readonly AuditEvent[],
  logger: Logger,
): Promise<string> {
  const call = sink.deliver(chunkOf(sink, events), deliveryContext({ logger }));
  return show(
    await tools.within(
      "deliver",
      call.catch((error: unknown) => error),
    ),
  );
}

async function verifyAndShow(sink: TestedSink): Promise<string> {
  const steps: unknown[] = [];
  try {
    for await (const step of sink.verify?.({ signal: new AbortController().signal }) ?? []) steps.push(step);
  } catch (error) {
    steps.push(error);
  }
  return show(steps);
}

function listeningLogger(said: string[]): Logger {
  const line = (message: string, fields?: unknown): void => void said.push(`${message} ${show(fields)}`);
  return { debug: line, info: line, warn: line, error: line };
}

/** Every way in which people print a value. */
function show(value: unknown): string {
  const json = JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? String(member) : member));
  const error = value instanceof Error ? `${value.message}\n${value.stack}\n${show(value.cause)}` : "";
  return `${inspect(value, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null })}\n${json}\n${error}`;
}

/** A secret as it is, in a URL, and in Base64 as basic authentication has it. */
function forms(hidden: string): readonly string[] {
  return [hidden, encodeURIComponent(hidden), Buffer.from(hidden).toString("base64").replace(/=+$/, "")];
}
