import { eventName } from "./poison.ts";
import type { Intake, Taken } from "./take-objects.ts";

/** Reads a body of `/raw`: each line is an event, whatever is in it. Its number is the line's, empty ones not counted. */
export function takeLines(body: Buffer, intake: Intake): Taken {
  const index = intake.indexFor(undefined);
  if (index === undefined) return { code: 7, objects: 1, indexed: 0 };
  let objects = 0;
  for (let at = 0; at < body.length;) {
    const feed = body.indexOf(0x0a, at);
    const end = feed < 0 ? body.length : feed;
    const line = body.toString("utf8", at, end).trim();
    if (line !== "") {
      if (objects === intake.stopAfter) return { code: "stopped", objects, indexed: objects };
      const name = eventName(undefined, undefined);
      const refused = intake.refuse(name, objects);
      if (refused !== undefined) return { code: refused, objects: objects + 1, indexed: objects };
      intake.index({ event: line }, index, body.subarray(at, end), name);
      objects++;
    }
    at = end + 1;
  }
  return { code: objects === 0 ? 5 : 0, objects, indexed: objects };
}
