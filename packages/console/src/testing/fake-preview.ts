import { createShapes, hmacPseudonyms, isHeadgateError, type Shape } from "@headgate/core";
import type { LogEvent } from "../rest/wire.ts";

/** Filters and privacy rules as they are; a format that can be told from the log's own at a glance. */
const shapes = createShapes({
  formats: [
    {
      name: "ecs",
      title: "ECS 9.4",
      encoding: "1",
      encoder: () => (event) =>
        JSON.stringify({ "@timestamp": event.occurred_at, event: { id: event.id, action: event.action } }),
    },
  ],
  pseudonyms: hmacPseudonyms({ keys: { one: new Uint8Array(32).fill(7) } }),
});

/** What a shape makes of events, as the API answers; a mistake where it is none. */
export function fakePreview(
  shape: Shape,
  events: readonly LogEvent[],
): { readonly formats: unknown; readonly events: readonly object[] } | { readonly mistake: object } {
  try {
    const frozen = shapes.freeze(shape);
    const shaper = frozen && shapes.shaper(frozen, "acme");
    return {
      formats: shapes.formats,
      events: events.slice(0, 10).map((event) => {
        const before = JSON.stringify(event);
        const line = Buffer.from(before);
        const { sequence } = event;
        const outgoing = { line, sequence, occurredAt: Date.parse(event.occurred_at), parse: () => event as never };
        const after = shaper === undefined ? line : shaper(outgoing)?.formatted;
        return { sequence, before, ...(after !== undefined && { after: Buffer.from(after).toString() }) };
      }),
    };
  } catch (error) {
    if (!isHeadgateError(error, "shape_invalid")) throw error;
    const { path, says } = error.details;
    const problems = [{ path: `$.${String(path)}`, message: says }];
    return { mistake: { detail: error.message, hint: error.hint, problems } };
  }
}
