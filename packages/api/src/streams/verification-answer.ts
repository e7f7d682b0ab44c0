import { HeadgateError, isHeadgateError, sleep, type VerificationStep } from "@headgate/core";
import { preferred } from "../accept.ts";
import { json } from "../answer.ts";
import type { ResponseSpec, RouteContext } from "../route.ts";
import { eventStream, type ServerSentEvent } from "../sse.ts";
import { stepJson, stepSchema } from "./stream-json.ts";

/** Longer than any destination's own time limits taken together, in ms. */
const limitMs = 10 * 60_000;

/** What {@link verificationAnswer} answers with. */
export const verificationResponse: ResponseSpec = {
  description: "What was found. As server-sent events: `step` as each one ends, then `done` with `ok`.",
  content: {
    "application/json": {
      schema: {
        type: "object",
        required: ["ok", "steps"],
        additionalProperties: false,
        properties: {
          ok: { type: "boolean", description: "No step failed." },
          steps: { type: "array", items: stepSchema },
        },
      },
    },
    "text/event-stream": { schema: { type: "string" } },
  },
};

/**
 * Answers with a verification, at its end or step by step, as the request likes. `done` is called when it came to its
 * end. What keeps it from beginning is thrown; what breaks it off becomes a failed step.
 */
export async function verificationAnswer(
  context: RouteContext,
  verify: (signal: AbortSignal) => AsyncIterable<VerificationStep>,
  done: (ok: boolean) => Promise<void> = async () => {},
): Promise<Response> {
  const type = preferred(context.request, ["application/json", "text/event-stream"]);
  const stopping = new AbortController();
  const steps = bounded(verify, context, stopping);
  const events = verificationEvents(steps, done);
  const release = context.hold("eventStreams");
  try {
    if (type === "application/json") return json(200, await collected(events));
    // The first one is awaited, so that what is wrong with the request itself is a problem here too.
    const first = await events.next();
    release();
    return eventStream(context, resumed(first, events, stopping));
  } catch (error) {
    stopping.abort();
    void events.return().catch(() => {});
    throw error;
  } finally {
    release();
    if (type === "application/json") stopping.abort();
  }
}

type Events = AsyncGenerator<ServerSentEvent, void, undefined>;

async function* verificationEvents(
  steps: AsyncIterable<VerificationStep>,
  done: (ok: boolean) => Promise<void>,
): Events {
  let ok = true;
  for await (const step of steps) {
    ok &&= step.status !== "failed";
    yield { event: "step", data: stepJson(step) };
  }
  await done(ok);
  yield { event: "done", data: { ok } };
}

async function collected(events: Events): Promise<object> {
  const steps: unknown[] = [];
  let end: unknown;
  for await (const { event, data } of events) {
    if (event === "step") steps.push(data);
    else end = data;
  }
  return { ...(end as { ok: boolean }), steps };
}

/** The steps; a throw after the first one, or the time limit, is one more step that failed. */
async function* bounded(
  verify: (signal: AbortSignal) => AsyncIterable<VerificationStep>,
  { clock, signal }: RouteContext,
  stopping: AbortController,
): AsyncGenerator<VerificationStep, void, undefined> {
  const over = AbortSignal.any([signal, stopping.signal]);
  const iterator = verify(over)[Symbol.asyncIterator]();
  const late = sleep(clock, limitMs, over).then(() => "late" as const);
  late.catch(() => {});
  try {
    for (let begun = false; ; begun = true) {
      const next = iterator.next();
      next.catch(() => {});
      let result: IteratorResult<VerificationStep> | "late";
      try {
        // A sink that does not listen to its signal must not hold the request for ever.
        result = await Promise.race([next, late]);
      } catch (error) {
        if (over.aborted) throw new HeadgateError("cancelled", "The verification was cancelled.");
        if (!begun && isHeadgateError(error)) throw error;
        return yield broken(`failed unexpectedly (${error instanceof Error ? error.name : typeof error})`);
      }
      if (result === "late") return yield broken(`did not end within ${limitMs / 60_000} minutes`);
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    // Whatever is under way for the next step is told to stop, and is not waited for.
    stopping.abort();
    void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

function broken(how: string): VerificationStep {
  return {
    name: "verification",
    status: "failed",
    detail: `The verification ${how}.`,
    fix: "Verify again; if it lasts, please report it.",
  };
}

/** A first event and those after it. Their `return` also ends what is under way for the next one. */
function resumed(
  first: IteratorResult<ServerSentEvent, void>,
  events: Events,
  stopping: AbortController,
): AsyncIterable<ServerSentEvent> {
  let waiting: IteratorResult<ServerSentEvent, void> | undefined = first;
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const result = waiting ?? (await events.next());
        waiting = undefined;
        return result;
      },
      async return() {
        stopping.abort();
        return await events.return();
      },
    }),
  };
}
