import type { OutgoingEvent } from "@headgate/core";
import { eventTimeLength, writeEventTime } from "./event-time.ts";
import { lineMembersReader } from "./line-members.ts";

/** What all envelopes of a stream have in common. */
export interface EnvelopeSettings {
  readonly host: string;
  readonly source: string;
  readonly sourcetype: string;
  readonly index?: string;
}

/** Makes the bytes of one event. */
export type Encode = (event: OutgoingEvent) => Uint8Array;

const ascii = (text: string): Uint8Array => Buffer.from(text, "latin1");
const timeKey = ascii('{"time":');
const sequenceKey = ascii(',"sequence":"');
const actionKey = ascii(',"action":');
const eventKey = ascii('},"event":');
const end = 0x7d;

/**
 * The members that all envelopes of a stream have in common, as they stand in each after its time. No other keys than the
 * collector knows: it keeps nothing of a body from an object with an unknown one on, and says 200 all the same.
 */
export function commonMembers({ host, source, sourcetype, index }: EnvelopeSettings): Uint8Array {
  const members = JSON.stringify({ host, source, sourcetype, ...(index === undefined ? {} : { index }) });
  return Buffer.from(`,${members.slice(1, -1)}`);
}

/**
 * Makes the encoder of a stream: an envelope for HEC's JSON endpoint around the stored line, or the event in the stream's format, which is copied as it is.
 * `time` has exactly three decimals. `fields` are indexed fields, so a search by them need not parse events.
 */
export function envelopeEncoder(settings: EnvelopeSettings, organization: string): Encode {
  const common = Buffer.concat([commonMembers(settings), ascii(',"fields":{"id":')]);
  const organizationMember = Buffer.from(`","organization":${JSON.stringify(organization)}`);
  const readMembers = lineMembersReader();
  const fixed =
    timeKey.length +
    common.length +
    sequenceKey.length +
    organizationMember.length +
    actionKey.length +
    eventKey.length;
  return (event) => {
    const { occurredAt, sequence, line, value = line } = event;
    let idBytes = line;
    let actionBytes = line;
    let members = readMembers(line);
    if (members === undefined) {
      const { id, action } = event.parse();
      idBytes = Buffer.from(JSON.stringify(id));
      actionBytes = Buffer.from(JSON.stringify(action));
      members = { idFrom: 0, idTo: idBytes.length, actionFrom: 0, actionTo: actionBytes.length };
    }
    const { idFrom, idTo, actionFrom, actionTo } = members;
    const digits = String(sequence);
    const variable = eventTimeLength(occurredAt) + (idTo - idFrom) + digits.length + (actionTo - actionFrom);
    const bytes = Buffer.allocUnsafe(fixed + variable + value.length + 1);
    let at = put(bytes, 0, timeKey);
    at = writeEventTime(bytes, at, occurredAt);
    at = put(bytes, at, common);
    at = copy(bytes, at, idBytes, idFrom, idTo);
    at = put(bytes, at, sequenceKey);
    for (let i = 0; i < digits.length; i++) bytes[at++] = digits.charCodeAt(i);
    at = put(bytes, at, organizationMember);
    at = put(bytes, at, actionKey);
    at = copy(bytes, at, actionBytes, actionFrom, actionTo);
    at = put(bytes, at, eventKey);
    bytes.set(value, at);
    bytes[bytes.length - 1] = end;
    return bytes;
  };
}

function put(target: Uint8Array, at: number, bytes: Uint8Array): number {
  target.set(bytes, at);
  return at + bytes.length;
}

/** Short runs: a loop is faster than a view. */
function copy(target: Uint8Array, at: number, source: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) target[at++] = source[i] as number;
  return at;
}
