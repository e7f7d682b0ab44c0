import { HeadgateError, type Sink, silentLogger, systemClock, type VerificationStep } from "@headgate/core";
import { runnerSinks } from "../sinks.ts";
import { plural } from "../terminal/numbers.ts";
import { createStopSignal } from "../terminal/stop-signal.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { wrap } from "../terminal/wrap.ts";
import type { StreamSettings } from "./stream-settings.ts";

/** What a verification found, as `--json` shows it. */
export interface VerificationResult {
  /** No step failed. */
  readonly ok: boolean;
  readonly steps: readonly VerificationStep[];
}

/** Takes a step to where it is looked at, as soon as it is known. */
export type ShowStep = (step: VerificationStep) => Promise<void>;

/**
 * Verifies a stream's destination from this process, with the sink that delivery would make. A signal to stop becomes a
 * step that failed. Undefined for a sink that has no verification. @throws `sink_unknown`, `sink_options_invalid`
 */
export async function verifyStream(
  stream: StreamSettings,
  terminal: Terminal,
  show: ShowStep,
): Promise<VerificationResult | undefined> {
  using stop = createStopSignal(process, () => terminal.note("Stopping."));
  await using sink = sinkOf(stream);
  if (sink.verify === undefined) return undefined;
  const steps: VerificationStep[] = [];
  const add = async (step: VerificationStep): Promise<void> => {
    steps.push(step);
    await show(step);
  };
  try {
    for await (const step of sink.verify({ signal: stop.signal })) await add(step);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    await add(stoppedStep);
  }
  return { ok: steps.every(({ status }) => status !== "failed"), steps };
}

const stoppedStep: VerificationStep = {
  name: "verification",
  status: "failed",
  detail: "Stopped by a signal before its end.",
  fix: "Verify the stream again.",
};

function sinkOf({ id, organization, sink, options, allowedAddresses, oidc }: StreamSettings): Sink {
  const definition = runnerSinks({ allowedAddresses, ...(oidc !== undefined && { oidc }) }).find(
    ({ type }) => type === sink,
  );
  if (definition === undefined) throw new HeadgateError("sink_unknown", `There is no sink "${sink}".`);
  const context = { stream: id, organization, clock: systemClock, random: Math.random, logger: silentLogger };
  return definition.create(options, context);
}

/** Prints steps as they come, for a person. With `--json` they are part of the one document at the end. */
export function stepView(terminal: Terminal, json: boolean | undefined): ShowStep {
  return json === true ? () => Promise.resolve() : (step) => terminal.print(stepText(step, terminal.columns));
}

const marks = { ok: "✓", failed: "✗", skipped: "–" } as const;
/** Room for the names of the built-in sinks' steps; a longer one moves its own detail only. */
const nameWidth = 17;
const indent = " ".repeat(nameWidth + 3);
/** Lines longer than this are hard to read, however wide the terminal; where nobody looks, it is as good as any. */
const widest = 100;

/** `✗ external id       What came back.`, wrapped, with the fix below it. */
function stepText({ name, status, detail, fix }: VerificationStep, columns: number = widest): string {
  const room = Math.max(30, Math.min(columns, widest) - indent.length);
  const advice = fix === undefined ? [] : wrap(`${status === "failed" ? "Fix" : "Better"}: ${fix}`, room);
  const [first = "", ...rest] = [...wrap(detail, room), ...advice];
  const head = `${marks[status]} ${name.padEnd(nameWidth)} ${first}`;
  return `${[head, ...rest.map((line) => `${indent}${line}`)].join("\n")}\n`;
}

/** The last line: `Verified: 6 steps ok, 1 skipped.` or `Not verified: 2 of 7 steps failed (external id, write).` */
export function verdictText({ ok, steps }: VerificationResult): string {
  const named = (status: VerificationStep["status"]): string[] =>
    steps.filter((step) => step.status === status).map(({ name }) => name);
  const [failed, skipped] = [named("failed"), named("skipped").length];
  if (!ok) return `Not verified: ${failed.length} of ${plural(steps.length, "step")} failed (${failed.join(", ")}).\n`;
  return `Verified: ${plural(named("ok").length, "step")} ok${skipped === 0 ? "" : `, ${skipped} skipped`}.\n`;
}
