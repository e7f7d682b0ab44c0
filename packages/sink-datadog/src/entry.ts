import type { OutgoingEvent } from "@headgate/core";
import { thawEncoding } from "./encoding.ts";
import { messageOf } from "./message.ts";
import { maxMessage, plainMessageReader } from "./plain-message.ts";

/** Digits of `timestamp`: always so many, so that another time can be written over it. */
export const timestampDigits = 13;
const leastTime = 1_000_000_000_000;
const mostTime = 9_999_999_999_999;

/** Writes entries under one encoding. */
export interface EntryWriter {
  /** What stands before the text of `message`; the same for every entry. */
  readonly head: Uint8Array;
  /** What stands between that text and the digits of `timestamp`. */
  readonly middle: Uint8Array;
  /** Where in `head` the text of `ddtags` ends. */
  readonly tagsEnd: number;
  /** The log of one event. */
  entry(event: OutgoingEvent): Uint8Array;
  /** A log of the sink's own. `audit` is JSON text of an object. */
  note(note: { readonly message: string; readonly time: number; readonly audit: string }): Uint8Array;
}

const encoder = new TextEncoder();
const after = (status: string): Uint8Array => encoder.encode(`,"status":"${status}","audit":`);

/**
 * Datadog's status by outcome: https://docs.datadoghq.com/logs/log_configuration/processors/#log-status-remapper. What
 * failed is an error, what was denied a warning: somebody tried what they may not. All else is no news.
 */
const statuses = { failure: after("error"), denied: after("warn"), info: after("info") };
const [failure, denied] = [encoder.encode("failure"), encoder.encode("denied")];

/**
 * Makes the writer of an encoding. The members stand in the order in which Datadog's own client writes them, the stored
 * line, or the event in the stream's format, as it is under `audit`: a name that is reserved at the top of a log means nothing inside of it.
 * @throws TypeError for an encoding that `thawEncoding` does not know
 */
export function entryWriter(encoding: string): EntryWriter {
  const settings = thawEncoding(encoding);
  if (settings === undefined) throw new TypeError("The encoding is no Datadog sink's.");
  const { source, tags, hostname, service } = settings;
  const tagged = `{"ddsource":${JSON.stringify(source)},"ddtags":${JSON.stringify(tags)}`;
  const host = hostname === undefined ? "" : `,"hostname":${JSON.stringify(hostname)}`;
  const head = encoder.encode(`${tagged}${host},"message":"`);
  const middle = encoder.encode(`","service":${JSON.stringify(service)},"timestamp":`);
  const scratch = new Uint8Array(maxMessage);
  const read = plainMessageReader(scratch);

  function assemble(message: Uint8Array, time: number, status: Uint8Array, line: Uint8Array): Uint8Array {
    const size = head.length + message.length + middle.length + timestampDigits + status.length + line.length + 1;
    const bytes = Buffer.allocUnsafe(size);
    bytes.set(head, 0);
    bytes.set(message, head.length);
    let at = head.length + message.length;
    bytes.set(middle, at);
    at += middle.length;
    writeTime(bytes, at, time);
    at += timestampDigits;
    bytes.set(status, at);
    bytes.set(line, at + status.length);
    bytes[size - 1] = 0x7d;
    return bytes;
  }

  return {
    head,
    middle,
    tagsEnd: encoder.encode(tagged).length - 1,
    entry(event) {
      const { line, occurredAt, value = line } = event;
      const plain = read(line);
      if (plain !== undefined) {
        const { outcomeFrom, outcomeTo } = plain;
        const status = is(line, outcomeFrom, outcomeTo, failure)
          ? statuses.failure
          : is(line, outcomeFrom, outcomeTo, denied)
            ? statuses.denied
            : statuses.info;
        return assemble(scratch.subarray(0, plain.length), occurredAt, status, value);
      }
      const parsed = event.parse();
      const { outcome } = parsed;
      const status = statuses[outcome === "failure" || outcome === "denied" ? outcome : "info"];
      return assemble(escaped(messageOf(parsed)), occurredAt, status, value);
    },
    note: ({ message, time, audit }) => assemble(escaped(message), time, statuses.info, encoder.encode(audit)),
  };
}

/** A text as it stands between the quotes of a JSON string. */
function escaped(text: string): Uint8Array {
  return encoder.encode(JSON.stringify(text).slice(1, -1));
}

function is(bytes: Uint8Array, from: number, to: number, word: Uint8Array): boolean {
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return false;
  return true;
}

/**
 * Writes Unix ms in 13 digits. A time before 2001-09-09 or after 2286-11-20 has another number of them: there stands the
 * nearest one that has 13, which is as far out of what Datadog keeps; the event's own time is in `audit.occurred_at`.
 */
export function writeTime(bytes: Uint8Array, at: number, time: number): void {
  let rest = Math.min(mostTime, Math.max(leastTime, Math.trunc(time)));
  for (let i = at + timestampDigits - 1; i >= at; i--) {
    const tens = Math.floor(rest / 10);
    bytes[i] = 0x30 + (rest - tens * 10);
    rest = tens;
  }
}

/** Writers by encoding: the newest is at hand, and that of a window that was sealed under older settings too. */
export function entryWriters(): (encoding: string) => EntryWriter {
  const writers = new Map<string, EntryWriter>();
  return (encoding) => {
    let writer = writers.get(encoding);
    if (writer === undefined) {
      if (writers.size >= 4) writers.clear();
      writer = entryWriter(encoding);
      writers.set(encoding, writer);
    }
    return writer;
  };
}
