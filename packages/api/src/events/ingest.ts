import { createWireReader, HeadgateError, isHeadgateError, type PreparedEvent, type Preparer } from "@headgate/core";
import { bodyChunks, declaredLength, tooLarge } from "../body-bytes.ts";
import type { ApiLimits } from "../limits.ts";
import { isJson, mediaType } from "../media-type.ts";
import { problem, type ProblemEntry } from "../problem.ts";
import type { Holding } from "./byte-budget.ts";
import { type ElementSplitter, jsonElements, ndjsonElements } from "./element-splitter.ts";
import { gunzipped } from "./gunzip.ts";

/** What reading a batch takes. */
export interface BatchOptions {
  readonly preparer: Preparer;
  readonly organization: string;
  readonly limits: ApiLimits;
}

/** What an event costs in memory beside its line. */
const eventOverhead = 128;

/** Mistakes that are named; the rest is counted. */
const mostProblems = 100;

/**
 * Reads a request's events: none of them is stored by it. What is read is held, so it counts against the budget before
 * more is read.
 * @throws `event_invalid` with a problem for each bad event, `media_type_unsupported`, `body_too_large`,
 * `too_many_requests`, `request_invalid`
 */
export async function readBatch(
  request: Request,
  holding: Holding,
  { preparer, organization, limits }: BatchOptions,
): Promise<readonly PreparedEvent[]> {
  const events: PreparedEvent[] = [];
  const problems: ProblemEntry[] = [];
  const reader = createWireReader({ preparer, organization });
  let seen = 0;
  let bad = 0;
  let charged = 0;

  function take(element: Uint8Array): void {
    const at = `events[${seen++}]`;
    if (seen > limits.ingestEvents) throw tooMany();
    try {
      const { event } = reader.read(element, { at });
      assertNotOurs(event, at);
      charged += event.stub.length + eventOverhead;
      holding.atLeast(charged);
      if (bad === 0) events.push(event);
    } catch (error) {
      if (!isHeadgateError(error) || !isFaultOfEvent(error.code)) throw error;
      bad++;
      // Nothing of the batch is stored any more: what was read of it need not be held.
      events.length = 0;
      if (problems.length < mostProblems) problems.push(...problemsOf(at, error.message, error.hint));
    }
  }

  function tooMany(): Error {
    return problem("body_too_large", `The request has more than the ${limits.ingestEvents} events that are taken.`, {
      hint: "Send them in several requests.",
    });
  }

  const { splitter, chunks } = openBody(request, take);
  const declared = declaredLength(request);
  if (declared !== undefined && declared > limits.ingestBodyBytes) throw tooLarge(limits.ingestBodyBytes);
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > limits.ingestBodyBytes) throw tooLarge(limits.ingestBodyBytes);
    splitter.push(chunk);
    // What has come, not what was announced: whoever announces much and sends nothing must not hold the others' place.
    holding.atLeast(charged + 2 * splitter.begun);
    if (seen + splitter.blanks > limits.ingestEvents) throw tooMany();
  }
  splitter.end();
  if (bad > 0) throw refused(bad, seen, problems);
  return events;
}

function openBody(
  request: Request,
  take: (element: Uint8Array) => void,
): { readonly splitter: ElementSplitter; readonly chunks: AsyncIterable<Uint8Array> } {
  const type = request.headers.get("content-type");
  const ndjson = /^application\/(?:x-)?(?:ndjson|jsonl|json-lines)$/.test(mediaType(type) ?? "");
  if (!ndjson && !isJson(type)) {
    throw problem("media_type_unsupported", "The body must be JSON or NDJSON in UTF-8.", {
      hint: "Send content-type: application/json or application/x-ndjson.",
    });
  }
  const splitter = ndjson ? ndjsonElements(take) : jsonElements(take);
  const encoding = (request.headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  const chunks = bodyChunks(request);
  if (encoding === "identity") return { splitter, chunks };
  if (encoding === "gzip" || encoding === "x-gzip") return { splitter, chunks: gunzipped(chunks) };
  throw problem("media_type_unsupported", "The body's content encoding is not known here.", {
    hint: "Send it with content-encoding: gzip, or as it is.",
  });
}

/** Before the action of a prepared line. Within a text its quotes would be escaped, so the first one is the right one. */
const actionMember = Buffer.from(',"action":"');
const ownActions = "headgate.";

/** Nobody may write into the log what only Headgate itself says: who paused a stream, that one is disconnected. */
function assertNotOurs({ id, stub }: PreparedEvent, at: string): void {
  const line = Buffer.from(stub.buffer, stub.byteOffset, stub.byteLength);
  const action = line.indexOf(actionMember) + actionMember.length;
  const ours = line.toString("latin1", action, action + ownActions.length) === ownActions;
  if (!ours && !id.startsWith("headgate-")) return;
  const [path, what] = ours ? ["$.action", "actions headgate.*"] : ["$.id", "ids headgate-*"];
  throw new HeadgateError("event_invalid", `${at}: ${path} is one of Headgate's own, as all ${what} are.`, {
    hint: "Name it otherwise.",
  });
}

function isFaultOfEvent(code: string): boolean {
  return ["event_invalid", "event_too_large", "action_unknown"].includes(code);
}

/** Messages of core stand as `events[3]: $.actor lacks "id"; $.x …`: path and clause of each. */
function problemsOf(at: string, message: string, hint: string | undefined): readonly ProblemEntry[] {
  const text = (message.startsWith(`${at}: `) ? message.slice(at.length + 2) : message).replace(/\.$/, "");
  const entries = text.startsWith("$")
    ? text.split("; ").map((clause) => {
        const [, path = "", rest = ""] = /^\$(\S*) (.*)$/s.exec(clause) ?? [];
        return rest === "" ? { path: at, message: clause } : { path: `${at}${path}`, message: rest };
      })
    : [{ path: at, message: text }];
  return hint === undefined
    ? entries
    : entries.map((entry) => ({ ...entry, message: `${entry.message}. ${hint.replace(/\.$/, "")}` }));
}

function refused(bad: number, seen: number, problems: readonly ProblemEntry[]): Error {
  const [first] = problems;
  return problem(
    "event_invalid",
    `${bad} of ${seen} ${seen === 1 ? "event is" : "events are"} invalid, so nothing was stored. The first: ${first?.path} ${first?.message}.`,
    { problems: problems.slice(0, mostProblems) },
  );
}
