import type { QuarantineRecord, RejectedRecord, Store } from "@headgate/core";
import { storedView, type StoredView } from "../embedded.ts";
import { timeText } from "../terminal/numbers.ts";
import { tableText } from "../terminal/table.ts";
import { type Command, configOption, defineCommand, exitCode, needed, UsageError } from "./command.ts";

const pageSize = 200;

const which = {
  ...configOption,
  stream: { type: "string", value: "ID", description: "Stream whose event it is, with --sequence." },
  sequence: { type: "string", value: "N", description: "Sequence of the event." },
  source: {
    type: "string",
    value: "PATH",
    description: "Source whose record it is, as the list names it, with --line.",
  },
  line: { type: "string", value: "N", description: "Line number of the record." },
} as const;

/** One thing in quarantine, as the user names it. */
type Place =
  | { readonly stream: string; readonly sequence: number }
  | { readonly source: string; readonly line: number };

function placeOf(values: {
  readonly stream?: string;
  readonly sequence?: string;
  readonly source?: string;
  readonly line?: string;
}): Place {
  if (values.source !== undefined) return { source: values.source, line: whole(values.line, "--line N") };
  if (values.stream === undefined)
    throw new UsageError(
      "Name an event with --stream ID --sequence N, or a source record with --source PATH --line N.",
    );
  return { stream: values.stream, sequence: whole(values.sequence, "--sequence N") };
}

function whole(text: string | undefined, what: string): number {
  const number = Number(needed(text, what));
  if (!Number.isSafeInteger(number) || number < 1) throw new UsageError(`${what} must be a whole number from 1.`);
  return number;
}

async function* events(store: Store, stream: string): AsyncGenerator<QuarantineRecord> {
  for (let after = 0; ;) {
    const page = await store.quarantine.list(stream, { after, limit: pageSize });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    after = last.sequence;
  }
}

async function* records(store: Store, organization?: string): AsyncGenerator<RejectedRecord> {
  for (let offset = 0; ; offset += pageSize) {
    const page = await store.quarantine.rejected({
      offset,
      limit: pageSize,
      ...(organization !== undefined && { organization }),
    });
    yield* page;
    if (page.length < pageSize) return;
  }
}

function eventJson({
  stream,
  organization,
  sequence,
  eventId,
  quarantinedAt,
  reason,
  state,
  line,
}: QuarantineRecord): Readonly<Record<string, unknown>> {
  return {
    kind: "event",
    stream,
    organization,
    sequence,
    event_id: eventId,
    quarantined_at: new Date(quarantinedAt).toISOString(),
    state,
    reason,
    bytes: line.length,
  };
}

function recordJson({
  source,
  organization,
  line,
  rejectedAt,
  reason,
  content,
}: RejectedRecord): Readonly<Record<string, unknown>> {
  return {
    kind: "record",
    source,
    organization,
    line,
    rejected_at: new Date(rejectedAt).toISOString(),
    reason,
    bytes: content.length,
  };
}

const list: Command = defineCommand({
  description:
    "Lists what was set apart: events that their destination refused for good, by stream and sequence, and records that a source could not turn into events, by source and line.",
  options: {
    ...configOption,
    stream: { type: "string", value: "ID", description: "Only events of this stream." },
    organization: { type: "string", value: "ORG", description: "Only what belongs to this organization." },
    all: { type: "boolean", description: "Also events that were discarded." },
    limit: { type: "string", value: "N", description: "Show at most so many. Default: 1000." },
  },
  examples: ["headgate quarantine list -c headgate.yaml", "headgate quarantine list --stream acme-s3 --json"],
  async run({ values, terminal }) {
    await using view = await storedView(values.config);
    const limit = values.limit === undefined ? 1000 : whole(values.limit, "--limit N");
    const found: Readonly<Record<string, unknown>>[] = [];
    const rows: string[][] = [];
    let more = false;
    const everything = listed(view, values);
    for await (const [json, row] of everything) {
      more = found.length === limit;
      if (more) break;
      found.push(json);
      rows.push(row);
    }
    if (more) terminal.note(`There is more than these ${limit}: raise --limit.`);
    await terminal.print(
      values.json === true
        ? `${JSON.stringify({ quarantine: found }, undefined, 2)}\n`
        : rows.length === 0
          ? "The quarantine is empty.\n"
          : tableText(["STREAM OR SOURCE", "WHERE", "ORGANIZATION", "STATE", "SINCE", "REASON"], rows),
    );
    return exitCode.done;
  },
});

interface ListFilter {
  readonly stream?: string;
  readonly organization?: string;
  readonly all?: boolean;
}

async function* listed(
  { store, headgate }: StoredView,
  { stream, organization, all }: ListFilter,
): AsyncGenerator<readonly [json: Readonly<Record<string, unknown>>, row: string[]]> {
  const streams = stream === undefined ? await headgate.status() : [await headgate.streams.status(stream)];
  for (const { id, quarantined, organization: owner } of streams) {
    if (quarantined === 0 || (organization !== undefined && owner !== organization)) continue;
    for await (const event of events(store, id)) {
      if (event.state === "discarded" && all !== true) continue;
      const since = timeText(event.quarantinedAt);
      yield [eventJson(event), [id, `sequence ${event.sequence}`, owner, event.state, since, reasonText(event.reason)]];
    }
  }
  if (stream !== undefined) return;
  for await (const record of records(store, organization)) {
    const since = timeText(record.rejectedAt);
    yield [
      recordJson(record),
      [record.source, `line ${record.line}`, record.organization, "held", since, reasonText(record.reason)],
    ];
  }
}

function reasonText({ code, message, hint }: RejectedRecord["reason"]): string {
  return `${code}: ${message}${hint === undefined ? "" : ` ${hint}`}`;
}

const show: Command = defineCommand({
  description: "Shows one event or source record with the reason, and its content: the only command that prints one.",
  options: { ...which, raw: { type: "boolean", description: "Print the content alone, as it came." } },
  examples: [
    "headgate quarantine show -c headgate.yaml --stream acme-s3 --sequence 4711",
    "headgate quarantine show --source /var/log/audit.ndjson --line 17 --raw | headgate ingest --organization acme --mapping fixed.yaml -",
  ],
  async run({ values, terminal }) {
    const place = placeOf(values);
    await using view = await storedView(values.config);
    const [about, content] = "stream" in place ? await readEvent(view, place) : await readRecord(view.store, place);
    const text = new TextDecoder().decode(content);
    if (values.raw === true) await terminal.print(`${text}\n`);
    else if (values.json === true)
      await terminal.print(`${JSON.stringify({ ...about, content: text }, undefined, 2)}\n`);
    else {
      const { reason, ...rest } = about;
      const lines = Object.entries(rest).map(([name, value]) => `${name}: ${String(value)}`);
      await terminal.print(
        `${lines.join("\n")}\nreason: ${reasonText(reason as RejectedRecord["reason"])}\n\n${text}\n`,
      );
    }
    return exitCode.done;
  },
});

type Shown = readonly [about: Readonly<Record<string, unknown>>, content: Uint8Array];

async function readEvent(
  { store, headgate }: StoredView,
  { stream, sequence }: { readonly stream: string; readonly sequence: number },
): Promise<Shown> {
  await assertStream(headgate, stream);
  const event = await store.quarantine.get(stream, sequence);
  if (event === undefined) throw missing(`event ${sequence} of stream "${stream}"`);
  return [eventJson(event), event.line];
}

async function readRecord(
  store: Store,
  { source, line }: { readonly source: string; readonly line: number },
): Promise<Shown> {
  for await (const record of records(store)) {
    if (record.source === source && record.line === line) return [recordJson(record), record.content];
  }
  throw missing(`line ${line} of ${source}`);
}

/** @throws `stream_unknown`: that is said of a stream, not that its event is missing. */
async function assertStream(headgate: StoredView["headgate"], stream: string): Promise<void> {
  await headgate.streams.status(stream);
}

function missing(what: string): UsageError {
  return new UsageError(`There is no ${what} in quarantine. See \`headgate quarantine list --all\`.`);
}

const retry: Command = defineCommand({
  description:
    "Has the runner send an event again, alone, once the destination is mended: of a stream the one with --sequence, or all that are held. Delivered, it leaves the quarantine; refused again, it stays.",
  options: { ...which, all: { type: "boolean", description: "All events of the stream that are held." } },
  examples: [
    "headgate quarantine retry -c headgate.yaml --stream acme-s3 --sequence 4711",
    "headgate quarantine retry --stream acme-s3 --all",
  ],
  async run({ values, terminal }) {
    if (values.source !== undefined) {
      throw new UsageError(
        "A source record is not sent again as it is: `headgate quarantine show --raw` prints it, for `headgate ingest` with a mapping that fits.",
      );
    }
    const place = values.all === true ? { stream: needed(values.stream, "--stream ID") } : placeOf(values);
    await using view = await storedView(values.config);
    const { store, headgate } = view;
    if (!("stream" in place)) return exitCode.usage;
    await assertStream(headgate, place.stream);
    let marked = 0;
    if ("sequence" in place) {
      if (!(await headgate.quarantine.retry(place.stream, place.sequence)))
        throw missing(`event ${place.sequence} of stream "${place.stream}"`);
      marked = 1;
    } else {
      for await (const event of events(store, place.stream)) {
        if (event.state === "held" && (await headgate.quarantine.retry(place.stream, event.sequence))) marked++;
      }
    }
    await terminal.print(
      values.json === true
        ? `${JSON.stringify({ stream: place.stream, retried: marked })}\n`
        : `${marked} marked; the runner that delivers sends ${marked === 1 ? "it" : "them"} again.\n`,
    );
    return exitCode.done;
  },
});

const discard: Command = defineCommand({
  description:
    "Drops an event for its stream, or a source record, for good. An event stays counted as quarantined, and stays in the journal.",
  options: which,
  examples: [
    "headgate quarantine discard -c headgate.yaml --stream acme-s3 --sequence 4711",
    "headgate quarantine discard --source /var/log/audit.ndjson --line 17",
  ],
  async run({ values, terminal }) {
    const place = placeOf(values);
    await using view = await storedView(values.config);
    if ("stream" in place) await assertStream(view.headgate, place.stream);
    const gone =
      "stream" in place
        ? await view.headgate.quarantine.discard(place.stream, place.sequence)
        : await view.store.quarantine.discardRejected(place.source, place.line);
    if (!gone)
      throw missing(
        "stream" in place
          ? `event ${place.sequence} of stream "${place.stream}"`
          : `line ${place.line} of ${place.source}`,
      );
    await terminal.print(values.json === true ? `${JSON.stringify({ ...place, discarded: true })}\n` : "Discarded.\n");
    return exitCode.done;
  },
});

/** `headgate quarantine …`. */
export const quarantineCommands: Readonly<Record<string, Command>> = { list, show, retry, discard };
