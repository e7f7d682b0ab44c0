import type { AuditEvent } from "@headgate/core";

/** Which events are meant. What is left out does not matter. */
export interface EventFilter {
  /** `occurred_at` at or after, Unix ms. */
  readonly from?: number;
  /** `occurred_at` before, Unix ms. */
  readonly to?: number;
  /** Any of these actions; with `*` at the end, what it begins with. */
  readonly actions?: readonly string[];
  /** Id or name of the actor. */
  readonly actor?: string;
  /** Id or name of one of the targets. */
  readonly target?: string;
  /** Text anywhere in the stored line, whatever the case of ASCII letters. */
  readonly text?: string;
}

/** One event as it is stored: its line with the LF, and the event, where somebody wants it parsed. */
export interface StoredLine {
  readonly sequence: number;
  readonly line: Uint8Array;
  readonly parse: () => AuditEvent;
}

/** Whether an instant is in the filter's time. */
export function inTime(
  instant: number,
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: Pick<EventFilter, "from" | "to">,
): boolean {
  return instant >= from && instant < to;
}

/** Makes the test of everything but the time. Lines are parsed only where their bytes leave it open. */
export function lineFilter({ actions, actor, target, text }: EventFilter): (stored: StoredLine) => boolean {
  const folded = text === undefined ? undefined : asciiFolder(text);
  // Most lines hold neither name at all, and a search for bytes is far quicker than parsing.
  const needles = [actor, target].flatMap((value) => (value === undefined ? [] : [Buffer.from(JSON.stringify(value))]));
  const named = actions?.map((action) =>
    action.endsWith("*") ? { prefix: action.slice(0, -1) } : { prefix: undefined, exactly: action },
  );
  const parsed = named !== undefined || actor !== undefined || target !== undefined;

  return (stored) => {
    const { line } = stored;
    const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
    if (folded !== undefined && !folded(bytes)) return false;
    if (!parsed) return true;
    if (needles.some((needle) => !bytes.includes(needle))) return false;
    const event = stored.parse();
    if (named !== undefined && !named.some((one) => isAction(event.action, one))) return false;
    if (actor !== undefined && event.actor.id !== actor && event.actor.name !== actor) return false;
    return target === undefined || event.targets?.some(({ id, name }) => id === target || name === target) === true;
  };
}

function isAction(
  action: string,
  wanted: { readonly prefix: string } | { readonly prefix: undefined; readonly exactly: string },
): boolean {
  return wanted.prefix === undefined ? action === wanted.exactly : action.startsWith(wanted.prefix);
}

const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);

/** Makes the search for a text in bytes, as it stands in JSON. UTF-8's other bytes are no ASCII letters, so bytes do. */
function asciiFolder(text: string): (line: Buffer) => boolean {
  const needle = Buffer.from(Buffer.from(JSON.stringify(text).slice(1, -1)).map(lower));
  let space = Buffer.alloc(4096);
  return (line) => {
    if (space.length < line.length) space = Buffer.alloc(2 * line.length);
    for (let i = 0; i < line.length; i++) space[i] = lower(line[i] as number);
    return space.subarray(0, line.length).includes(needle);
  };
}
