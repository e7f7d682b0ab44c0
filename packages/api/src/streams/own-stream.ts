import { HeadgateError, type StreamRecord, type Target } from "@headgate/core";
import { nothingHere, problem } from "../problem.ts";
import type { RouteContext } from "../route.ts";
import { customerSink } from "./customer.ts";

/**
 * The stream of the path, if it is the organization's.
 * @throws `not_found` in the same words whether there is no such stream or it is somebody else's
 */
export async function ownStream({ headgate, organization, path }: RouteContext): Promise<StreamRecord> {
  const record = await headgate.streams.get(path["stream"] as string);
  if (record === undefined || record.organization !== organization) throw nothingHere();
  return record;
}

/** The same for a change that only the configuration can make of a stream that it declares. @throws `stream_declared` */
export async function ownChangeableStream(context: RouteContext): Promise<StreamRecord> {
  const record = await ownStream(context);
  if (!record.declared) return record;
  throw new HeadgateError(
    "stream_declared",
    "The platform's configuration declares this stream, and alone can change it.",
    {
      hint: "Ask the platform's operators to change it.",
    },
  );
}

/**
 * The same for what stops a stream, or gives something up: one whose sink no customer can set up is the platform's own,
 * though it carries the organization's log. @throws `forbidden`
 */
export async function ownStoppableStream(context: RouteContext): Promise<StreamRecord> {
  const record = await ownStream(context);
  const { headgate, principal } = context;
  if (principal.role === "operator" || customerSink(headgate, record.sink) !== undefined) return record;
  throw problem("forbidden", "This stream is the platform's own, and only its operators can stop it.", {
    hint: "Ask the platform's operators.",
  });
}

/** A stream as the target of a change. */
export function streamTarget({ id, name }: Pick<StreamRecord, "id" | "name">): Target {
  return { type: "headgate.stream", id, name: name ?? id };
}
