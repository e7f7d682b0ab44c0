import { timeText } from "../terminal/numbers.ts";
import type { DemoView } from "./demo.ts";
import type { DemoState, DemoStream, Happening } from "./state.ts";

const lookMs = 500;
const linesMs = 3000;

/** A view for logs and pipes: what happens when it happens, and a line for each stream every few seconds. */
export function createPlainView(write: (line: string) => void): DemoView {
  let told: Happening | undefined;
  let writtenAt = Number.NEGATIVE_INFINITY;
  return {
    everyMs: lookMs,
    show({ happenings, streams, now, stopping, console }: DemoState) {
      if (console !== undefined && writtenAt === Number.NEGATIVE_INFINITY)
        write(`${timeText(now)} console: ${console}`);
      const from = told === undefined ? 0 : happenings.lastIndexOf(told) + 1;
      for (const happening of happenings.slice(from)) write(happeningText(happening));
      told = happenings.at(-1);
      if (now - writtenAt < linesMs || stopping) return;
      writtenAt = now;
      for (const stream of streams) write(streamText(stream, now));
    },
  };
}

function happeningText({ at, organization, text }: Happening): string {
  return `${timeText(at)} ${organization === undefined ? "" : `${organization}: `}${text}`;
}

function streamText({ organization, objects, status }: DemoStream, now: number): string {
  const { health, accepted, pending, delivered, quarantined, lastStreamed } = status;
  const age = lastStreamed === undefined ? "never" : `${Math.round(Math.max(0, now - lastStreamed.at) / 1000)}s ago`;
  return `${timeText(now)} ${organization}: ${health.state}, ${accepted} accepted, ${pending} pending, ${delivered} delivered, ${quarantined} quarantined, ${objects} objects, last streamed ${age}`;
}
