import { type EntryWriter } from "./entry.ts";

/** The action and the message of a log that the sink sends on its own account. */
export const testAction = "headgate.verification";

/** A request with one tiny log of the sink's own, in the form of every other. It has no id and no sequence: it is no event. */
export function testLog(writer: EntryWriter, now: number): Uint8Array {
  const audit = JSON.stringify({ action: testAction, occurred_at: new Date(now).toISOString() });
  const note = writer.note({ message: testAction, time: now, audit });
  const body = new Uint8Array(note.length + 2);
  body[0] = 0x5b;
  body.set(note, 1);
  body[body.length - 1] = 0x5d;
  return body;
}
