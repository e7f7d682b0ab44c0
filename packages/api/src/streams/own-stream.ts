import { HeadgateError, type StreamRecord, type Target } from "@headgate/core";
import { nothingHere } from "../problem.ts";
import type { RouteContext } from "../route.ts";

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

/** A stream as the target of a change. */
export function streamTarget({ id, name }: Pick<StreamRecord, "id" | "name">): Target {
  return { type: "headgate.stream", id, name: name ?? id };
}
