import type { Actor, Target } from "./event.ts";

/** The members of an event as they are written, validated and complete but for the sequence. */
export interface LineMembers {
  readonly id: string;
  readonly occurredAt: string;
  readonly organization: { readonly id: string; readonly name: string | undefined };
  readonly action: string;
  readonly category: string | undefined;
  readonly outcome: string | undefined;
  readonly actor: Actor;
  readonly targets: readonly Target[] | undefined;
  /** JSON text of an object each. */
  readonly context: string | undefined;
  readonly metadata: string | undefined;
}

/**
 * An event's NDJSON line up to, not including, the closing brace. Members stand in the same order in every line: the
 * bytes of an event are decided by its content alone. Written member by member, which is a little quicker than one
 * `JSON.stringify` of the whole.
 */
export function eventStub(event: LineMembers): string {
  const { organization, category, outcome, targets, context, metadata } = event;
  const name = organization.name === undefined ? "" : `,"name":${quoted(organization.name)}`;
  let text = `{"schema_version":1,"id":${quoted(event.id)},"occurred_at":"${event.occurredAt}","organization":{"id":${quoted(organization.id)}${name}},"action":${quoted(event.action)}`;
  if (category !== undefined) text += `,"category":${quoted(category)}`;
  if (outcome !== undefined) text += `,"outcome":${quoted(outcome)}`;
  text += `,"actor":${party(event.actor)}`;
  if (targets !== undefined) text += `,"targets":[${targets.map(party).join(",")}]`;
  if (context !== undefined) text += `,"context":${context}`;
  if (metadata !== undefined) text += `,"metadata":${metadata}`;
  return text;
}

function party({ type, id, name }: Actor | Target): string {
  const suffix = name === undefined ? "" : `,"name":${quoted(name)}`;
  return `{"type":${quoted(type)},"id":${quoted(id)}${suffix}}`;
}

// Nothing that JSON escapes: quotes, backslashes, control characters, lone surrogates (and, for brevity, paired ones).
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const plain = /^[^"\\\u0000-\u001f\ud800-\udfff]*$/;

function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}
