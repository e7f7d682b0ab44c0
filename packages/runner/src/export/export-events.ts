import type { AuditEvent, Journal, JournalGroup } from "@headgate/core";

/** Which events to export. */
export interface ExportFilter {
  /** `occurred_at` at or after, Unix ms. */
  readonly from?: number;
  /** `occurred_at` before, Unix ms. */
  readonly to?: number;
  /** The action, or with `*` at the end what it begins with. */
  readonly action?: string;
  /** Id or name of the actor. */
  readonly actor?: string;
}

/** One exported event: the stored line with its LF, and the event where the filter had to parse it. */
export interface ExportedLine {
  readonly line: Uint8Array;
  readonly parse: () => AuditEvent;
}

/** Events whose index is looked at together. */
const pageEvents = 50_000;
const text = new TextDecoder();

/**
 * An organization's events in sequence order, up to where its journal ended at the start. Times come from the index, so
 * that stretches without a match are not read; memory stays at one group. Lines are valid until the next one is asked for.
 */
export async function* exportEvents(
  journal: Journal,
  organization: string,
  filter: ExportFilter = {},
): AsyncGenerator<ExportedLine> {
  const { lastSequence } = await journal.head(organization);
  let after = (await journal.firstSequence(organization)) - 1;
  while (after < lastSequence) {
    const groups = await journal.index(organization, { after, through: lastSequence, maxEvents: pageEvents });
    const last = groups.at(-1);
    if (last === undefined) return;
    const end = last.firstSequence + last.lengths.length - 1;
    const found = within(groups, filter);
    if (found !== undefined) yield* read(journal, organization, found, filter);
    after = end;
  }
}

/** The range of sequences between the first and the last event of the wanted time. */
function within(
  groups: readonly JournalGroup[],
  filter: ExportFilter,
): { readonly after: number; readonly through: number } | undefined {
  let range: { readonly after: number; readonly through: number } | undefined;
  for (const { firstSequence, occurredAt } of groups) {
    for (let i = 0; i < occurredAt.length; i++) {
      if (!inTime(occurredAt[i] as number, filter)) continue;
      range = { after: range?.after ?? firstSequence + i - 1, through: firstSequence + i };
    }
  }
  return range;
}

function inTime(
  instant: number,
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: ExportFilter,
): boolean {
  return instant >= from && instant < to;
}

async function* read(
  journal: Journal,
  organization: string,
  range: { readonly after: number; readonly through: number },
  filter: ExportFilter,
): AsyncGenerator<ExportedLine> {
  for await (const { occurredAt, lengths, body } of journal.read(organization, range)) {
    let at = 0;
    for (let i = 0; i < lengths.length; i++) {
      const line = body.subarray(at, at + (lengths[i] as number));
      at += line.length;
      if (!inTime(occurredAt[i] as number, filter)) continue;
      const exported = { line, parse: () => JSON.parse(text.decode(line)) as AuditEvent };
      if (matches(exported, filter)) yield exported;
    }
  }
}

function matches(exported: ExportedLine, { action, actor }: ExportFilter): boolean {
  if (action === undefined && actor === undefined) return true;
  const event = exported.parse();
  const prefix = action?.endsWith("*") === true ? action.slice(0, -1) : undefined;
  if (prefix !== undefined ? !event.action.startsWith(prefix) : action !== undefined && event.action !== action)
    return false;
  return actor === undefined || event.actor.id === actor || event.actor.name === actor;
}
