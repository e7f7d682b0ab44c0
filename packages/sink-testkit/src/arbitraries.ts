import type { AuditEvent, JsonObject } from "@headgate/core";
import fc from "fast-check";
import { auditEvent } from "./audit-event.ts";

const hour = Date.parse("2025-07-16T09:00:00.000Z");

/** Text that breaks careless code: any code unit, NUL, lone surrogates, line ends, quotes, long strings. */
export function arbitraryText(): fc.Arbitrary<string> {
  const odd = fc.constantFrom(
    "",
    "\u0000",
    "\ud800",
    "x\udc00y",
    "\r\n",
    "\u2028\u2029",
    '"\\',
    "\u{1f980}",
    "e\u0301\u202e",
    "\ufeff",
    "${env:X}",
  );
  return fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
    { weight: 3, arbitrary: odd },
    { weight: 1, arbitrary: fc.integer({ min: 1000, max: 20_000 }).map((length) => "é".repeat(length)) },
  );
}

/** Metadata as `JSON.parse` may give it: any nesting, and keys that mean something to an object. */
export function arbitraryMetadata(): fc.Arbitrary<JsonObject> {
  const key = fc.oneof(
    fc.constantFrom("__proto__", "constructor", "toString", "", "a.b", "id", "sequence"),
    arbitraryText(),
  );
  const leaf = fc.oneof(
    arbitraryText(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 4 }),
    ),
  }));
  const deep = fc.integer({ min: 50, max: 500 }).map((depth) => nested(depth));
  const value = fc.oneof({ weight: 9, arbitrary: tree }, { weight: 1, arbitrary: deep });
  // A dictionary through JSON text has `__proto__` as a key of its own, as an event from the wire has.
  return fc.dictionary(key, value, { maxKeys: 5 }).map((entries) => JSON.parse(JSON.stringify(entries)) as JsonObject);
}

/** One valid audit event of the hour from 2025-07-16T09:00Z, with the sequence given. */
export function arbitraryEvent(sequence = 1): fc.Arbitrary<AuditEvent> {
  return fc
    .record({
      id: fc.uuid(),
      at: fc.integer({ min: 0, max: 3_599_999 }),
      action: fc.constantFrom("user.login", "context.secrets.accessed", "pipeline.run.finished"),
      actor: fc.record({ id: arbitraryText().map((text) => `u_${text}`), name: arbitraryText() }),
      outcome: fc.constantFrom("success", "failure", "denied", "unknown"),
      context: fc.record({ user_agent: arbitraryText() }),
      metadata: arbitraryMetadata(),
    })
    .map(({ at, actor, ...rest }) =>
      auditEvent({
        ...rest,
        sequence,
        occurred_at: new Date(hour + at).toISOString(),
        actor: { type: "user", ...actor },
      }),
    );
}

/** One to eight events of one hour with rising sequences: enough for a chunk. Ids differ. */
export function arbitraryEvents(): fc.Arbitrary<readonly AuditEvent[]> {
  return fc
    .array(arbitraryEvent(), { minLength: 1, maxLength: 8 })
    .chain((events) =>
      fc
        .integer({ min: 1, max: 2 ** 40 })
        .map((first) =>
          events.map((event, index) => ({ ...event, id: `${event.id}-${index}`, sequence: first + index })),
        ),
    );
}

function nested(depth: number): unknown {
  let value: unknown = "bottom";
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { level: value };
  return value;
}
