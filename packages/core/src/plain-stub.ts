import { member, type PlainLine } from "./plain-line.ts";

/** Stubs are written one behind another into blocks of this size: one allocation for some hundred events. */
const blockBytes = 256 * 1024;

/** What the text of a line lacks, as JSON text. */
export interface PlainAdditions {
  readonly id?: string;
  readonly occurredAt?: string;
  readonly organization?: string;
  readonly category?: string;
}

const opening = Buffer.from('{"schema_version":1');
const written = [
  { which: member.id, key: Buffer.from(',"id":') },
  { which: member.occurred_at, key: Buffer.from(',"occurred_at":') },
  { which: member.organization, key: Buffer.from(',"organization":') },
  { which: member.action, key: Buffer.from(',"action":') },
  { which: member.category, key: Buffer.from(',"category":') },
  { which: member.outcome, key: Buffer.from(',"outcome":') },
  { which: member.actor, key: Buffer.from(',"actor":') },
  { which: member.targets, key: Buffer.from(',"targets":') },
  { which: member.context, key: Buffer.from(',"context":') },
  { which: member.metadata, key: Buffer.from(',"metadata":') },
] as const;

/** Puts the stub of a plain line together from the line's own bytes: `eventStub` would write the same. */
export function plainStubWriter(): (line: Buffer, plain: PlainLine, additions: PlainAdditions) => Buffer {
  let block = Buffer.allocUnsafeSlow(blockBytes);
  let used = 0;

  function put(from: Buffer, start: number, end: number): void {
    // Short runs are quicker byte by byte than by a call into the engine.
    if (end - start > 64) {
      from.copy(block, used, start, end);
      used += end - start;
    } else {
      for (let i = start; i < end; i++) block[used++] = from[i] as number;
    }
  }

  return (line, plain, additions) => {
    const { id, occurredAt, organization, category } = additions;
    const extra =
      3 * ((id?.length ?? 0) + (occurredAt?.length ?? 0) + (organization?.length ?? 0) + (category?.length ?? 0));
    const most = line.length + extra + 128;
    if (used + most > block.length) {
      block = Buffer.allocUnsafeSlow(Math.max(blockBytes, most));
      used = 0;
    }
    const begin = used;
    const { spans } = plain;
    put(opening, 0, opening.length);
    // Members that stand in the line as they do in the stub are copied in one go.
    let runFrom = -1;
    let runTo = -1;
    for (let i = 0; i < written.length; i++) {
      const { which, key } = written[i] as (typeof written)[number];
      const addition = i === 0 ? id : i === 1 ? occurredAt : i === 2 ? organization : i === 4 ? category : undefined;
      const from = spans[2 * which] as number;
      if (addition !== undefined) {
        if (runTo > runFrom) put(line, runFrom, runTo);
        runFrom = runTo = -1;
        put(key, 0, key.length);
        used += block.write(addition, used);
      } else if (from >= 0) {
        const keyFrom = from - key.length + 1;
        const to = spans[2 * which + 1] as number;
        if (runTo >= 0 && runTo + 1 === keyFrom) {
          runTo = to;
        } else {
          if (runTo > runFrom) put(line, runFrom, runTo);
          block[used++] = 0x2c;
          runFrom = keyFrom;
          runTo = to;
        }
      }
    }
    if (runTo > runFrom) put(line, runFrom, runTo);
    return block.subarray(begin, used);
  };
}
