import type { FrozenShape, Shaped, Shaper, Shapes } from "./shape.ts";
import type { OutgoingEvent, Sink } from "./sink.ts";
import type { AuditEvent } from "./event.ts";
import type { Encoding } from "./window.ts";

/** Stands for the bytes of an event that a filter leaves out. Told by identity, not by content. */
export const leftOut: Uint8Array = new Uint8Array(0);

const mark = "shape:";
const decoder = new TextDecoder();
const inside = new WeakMap<Sink, { readonly plain: Sink; readonly unfiltered: Sink }>();

/** What a window keeps: the shape of its events, and the sink's own encoding. */
interface Parts {
  readonly shape?: FrozenShape;
  readonly sink: string;
}

/**
 * A sink that takes events in a stream's shape. The shape is a part of its encoding, so whatever freezes that (windows,
 * recorded objects, replays) freezes the shape too, and what this process cannot write is blocked as with any other codec.
 */
export function shapedSink(
  sink: Sink,
  shape: FrozenShape | undefined,
  { shapes, organization }: { readonly shapes: Shapes; readonly organization: string },
): Sink {
  const shapers = new Map<string, Shaper | undefined>();

  function shaperOf(wanted: FrozenShape): Shaper | undefined {
    const text = JSON.stringify(wanted);
    if (!shapers.has(text)) shapers.set(text, shapes.shaper(wanted, organization));
    return shapers.get(text);
  }

  function shapedBy(present: FrozenShape | undefined): Sink {
    const own: Partial<Sink> = {
      encoding: present === undefined ? sink.encoding : mark + JSON.stringify({ shape: present, sink: sink.encoding }),
      canEncode(encoding) {
        const parts = partsOf(encoding);
        if (parts === undefined || (parts.shape !== undefined && shaperOf(parts.shape) === undefined)) return false;
        return parts.sink === sink.encoding || sink.canEncode?.(parts.sink) === true;
      },
      encode(event, encoding) {
        const parts = partsOf(encoding);
        const shaped =
          parts?.shape === undefined ? { line: event.line, formatted: event.line } : shaperOf(parts.shape)?.(event);
        if (shaped === undefined) return leftOut;
        return sink.encode?.(reshaped(event, shaped), parts?.sink ?? encoding) ?? shaped.formatted;
      },
      deliver: (chunk, context) =>
        sink.deliver({ ...chunk, encoding: partsOf(chunk.encoding)?.sink ?? chunk.encoding }, context),
    };
    return new Proxy(sink, {
      get(target, key) {
        if (Object.hasOwn(own, key)) return own[key as keyof Sink];
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }

  const shaped = shapedBy(shape);
  const { filter: _, ...rest } = shape ?? {};
  const unfiltered = shape?.filter === undefined ? shaped : shapedBy(Object.keys(rest).length > 0 ? rest : undefined);
  for (const one of new Set([shaped, unfiltered])) inside.set(one, { plain: sink, unfiltered });
  return shaped;
}

/** The sink without a shape: for what is none of the journal's events. */
export function plainSink(sink: Sink): Sink {
  return inside.get(sink)?.plain ?? sink;
}

/** The sink without the filter: for events that it had let pass before it was changed. */
export function unfilteredSink(sink: Sink): Sink {
  return inside.get(sink)?.unfiltered ?? sink;
}

/** How a sink writes under an encoding: where no shape is frozen there, stored lines go as they are. */
export function encodingUnder(sink: Sink, encoding: string): Encoding {
  return encoding.startsWith(mark) ? sink : plainSink(sink);
}

function partsOf(encoding: string): Parts | undefined {
  if (!encoding.startsWith(mark)) return { sink: encoding };
  try {
    const { shape, sink } = JSON.parse(encoding.slice(mark.length)) as Parts;
    return typeof sink === "string" && typeof shape === "object" ? { shape, sink } : undefined;
  } catch {
    return undefined;
  }
}

function reshaped(event: OutgoingEvent, { line, formatted }: Shaped): OutgoingEvent {
  if (line === event.line && formatted === line) return event;
  const { sequence, occurredAt } = event;
  return {
    sequence,
    occurredAt,
    line,
    parse: () => JSON.parse(decoder.decode(line)) as AuditEvent,
    ...(formatted !== line && { value: asValue(formatted) }),
  };
}

/** What is no object is a text. */
function asValue(formatted: Uint8Array): Uint8Array {
  return formatted[0] === 0x7b ? formatted : Buffer.from(JSON.stringify(decoder.decode(formatted)));
}
