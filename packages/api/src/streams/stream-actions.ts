import { HeadgateError } from "@headgate/core";
import { changed, tellOf } from "../change-record.ts";
import type { Route, RouteContext } from "../route.ts";
import { jsonResponse } from "./list-answer.ts";
import { ownStoppableStream, ownStream, streamTarget } from "./own-stream.ts";
import { streamSchema } from "./stream-json.ts";
import { streamAnswer, streamPath } from "./stream-routes.ts";
import { verificationAnswer, verificationResponse } from "./verification-answer.ts";

async function setPaused(context: RouteContext, paused: boolean): Promise<Response> {
  const { headgate } = context;
  const record = await ownStoppableStream(context);
  if (!paused && record.dropped === true) {
    throw new HeadgateError(
      "stream_declared",
      "The platform's configuration names this stream no more, so it cannot go on.",
      {
        hint: "Ask the platform's operators to declare it again, or delete it.",
      },
    );
  }
  if (record.paused !== paused) {
    const action = paused ? "headgate.stream.paused" : "headgate.stream.resumed";
    const change = { action, targets: [streamTarget(record)] };
    await changed(context, change, async () => {
      await (paused ? headgate.streams.pause(record.id) : headgate.streams.resume(record.id));
      return { result: undefined, change };
    });
  }
  return streamAnswer(context, await headgate.streams.status(record.id));
}

async function verify(context: RouteContext): Promise<Response> {
  const record = await ownStream(context);
  return verificationAnswer(
    context,
    (signal) => context.headgate.streams.verify(record.id, { signal }),
    (ok) =>
      tellOf(context, {
        action: "headgate.stream.verified",
        targets: [streamTarget(record)],
        metadata: { ok },
      }),
  );
}

/** Pause, resume and verify. */
export const streamActionRoutes: readonly Route[] = [
  {
    method: "POST",
    path: `${streamPath}/pause`,
    operation: "pauseStream",
    summary: "Stop delivering; events are kept",
    tag: "Streams",
    access: "admin",
    responses: { 200: jsonResponse(streamSchema, "The stream.") },
    handle: (context) => setPaused(context, true),
  },
  {
    method: "POST",
    path: `${streamPath}/resume`,
    operation: "resumeStream",
    summary: "Go on where it stopped",
    description: "The stream is verified anew.",
    tag: "Streams",
    access: "admin",
    responses: { 200: jsonResponse(streamSchema, "The stream.") },
    handle: (context) => setPaused(context, false),
  },
  {
    method: "POST",
    path: `${streamPath}/verify`,
    operation: "verifyStream",
    summary: "Verify a stream's destination now, step by step",
    description: "May write a small object or test event of its own; never an event of the log.",
    tag: "Streams",
    access: "admin",
    responses: { 200: verificationResponse },
    handle: verify,
  },
];
