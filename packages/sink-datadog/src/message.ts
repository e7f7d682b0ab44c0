import type { AuditEvent } from "@headgate/core";

/** Targets that a message names; the others are counted. */
export const namedTargets = 3;
/** Longest part of a message (an action, a kind, a name), in bytes of UTF-8. What is longer is cut and ends in `…`. */
export const maxPart = 200;

const encoder = new TextEncoder();
// A byte order mark within an event is a character like any other.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\u0000-\u001f\u007f]/g;

/**
 * The line that people read: who did what to what, and how it ended, e.g. `secret.read by user Ada on secret db: denied`.
 * One line of bounded length, and never JSON in itself: Datadog would unpack that, and take reserved names from it.
 */
export function messageOf({
  action,
  actor,
  targets = [],
  outcome,
}: Pick<AuditEvent, "action" | "actor" | "targets" | "outcome">): string {
  let text = `${part(action)} by ${party(actor)}`;
  const named = targets.slice(0, namedTargets).map(party).join(", ");
  if (named !== "") text += ` on ${named}`;
  if (targets.length > namedTargets) text += ` and ${targets.length - namedTargets} more`;
  return outcome === undefined ? text : `${text}: ${part(outcome)}`;
}

function party({ type, id, name }: AuditEvent["actor"]): string {
  return `${part(type)} ${part(name === undefined || name === "" ? id : name)}`;
}

function part(text: string): string {
  const bytes = encoder.encode(text.replace(control, " "));
  if (bytes.length <= maxPart) return decoder.decode(bytes);
  return `${decoder.decode(bytes.subarray(0, cutAt(bytes, 0, bytes.length)))}…`;
}

/** Where to cut the part from `from` to `to` so that with `…` it has at most {@link maxPart} bytes, and no character is halved. */
export function cutAt(bytes: Uint8Array, from: number, to: number): number {
  if (to - from <= maxPart) return to;
  let end = from + maxPart - 3;
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  return end;
}
