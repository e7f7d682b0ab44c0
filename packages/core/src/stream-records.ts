import type { Clock } from "./clock.ts";
import { HeadgateError } from "./errors.ts";
import { mintEventId } from "./event-id.ts";
import type { NewStream } from "./headgate-streams.ts";
import { assertOrganization } from "./prepare.ts";
import type { Shape, Shapes } from "./shape.ts";
import { shapeMistake } from "./shape-mistake.ts";
import type { SinkDefinition } from "./sink.ts";
import type { DocumentWrite, Store, StreamRecord } from "./store.ts";
import type { StreamSinks } from "./stream-sinks.ts";

/** Streams as the store keeps them. */
export interface StreamRecords {
  /** A record that is not stored yet. @throws `sink_unknown`, `sink_options_invalid`, `secrets_unavailable`, `key_unavailable`, `organization_invalid` */
  fresh(
    organization: string,
    stream: NewStream<readonly SinkDefinition[]>,
    isDeclared: boolean,
    /** Where the stream names no id of its own. @default a new one */
    otherwise?: string,
  ): Promise<StreamRecord>;
  /** Stores it with the documents, and resolves to what is stored. @throws `stream_exists`, `document_conflict` */
  create(record: StreamRecord, documents: readonly DocumentWrite[]): Promise<StreamRecord>;
  /** @throws `stream_unknown` */
  known(id: string): Promise<StreamRecord>;
  /** All of them, or one organization's. */
  each(organization?: string): AsyncGenerator<StreamRecord>;
  /** The organization's other stream that writes to the same place, if there is one. `self` is the stream that may. */
  sameDestination(record: StreamRecord, options: object, self?: string): Promise<StreamRecord | undefined>;
}

const streamId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const pageSize = 500;

export function createStreamRecords({
  store,
  clock,
  sinks,
  shapes,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly sinks: StreamSinks;
  readonly shapes: Shapes;
}): StreamRecords {
  async function* each(organization?: string): AsyncGenerator<StreamRecord> {
    for (let after: string | undefined; ;) {
      const page = { ...(organization !== undefined && { organization }), ...(after !== undefined && { after }) };
      const found = await store.streams.list({ ...page, limit: pageSize });
      yield* found;
      after = found.at(-1)?.id;
      if (found.length < pageSize) return;
    }
  }

  return {
    each,

    async fresh(organization, stream, isDeclared, otherwise = mintEventId(clock.now())) {
      assertOrganization(organization);
      const { id = otherwise, sink, options, name, flush, shape, from = "start", paused = false } = stream;
      if (!streamId.test(id)) {
        throw new HeadgateError(
          "sink_options_invalid",
          `The stream id "${id.slice(0, 64)}" must be 1 to 128 letters, digits, dots, underscores or hyphens.`,
        );
      }
      if (name !== undefined) assertStreamName(name);
      await checkOptions(sinks, { id, organization, sink }, options, { shapes, shape });
      const start =
        from === "now"
          ? (await store.journal.head(organization)).lastSequence
          : (await store.journal.firstSequence(organization)) - 1;
      return {
        id,
        incarnation: mintEventId(clock.now()),
        organization,
        ...(name !== undefined && { name }),
        sink,
        options: await sinks.stored({ id, organization, sink }, options, isDeclared),
        ...(flush && { flush }),
        ...(shape && { shape }),
        paused,
        createdAt: clock.now(),
        start,
        declared: isDeclared,
      };
    },

    async create(record, documents) {
      await store.streams.create(record, documents);
      // Trimming may have passed its start meanwhile; from now on the record itself holds it back.
      const start = (await store.journal.firstSequence(record.organization)) - 1;
      if (start <= record.start) return record;
      const raised = { ...record, start };
      await store.streams.update(raised);
      return raised;
    },

    async known(id) {
      const record = await store.streams.get(id);
      if (record === undefined) throw unknownStream(id);
      return record;
    },

    async sameDestination({ organization, sink }, options, self) {
      const definition = sinks.definitionOf(sink);
      const location = definition.location?.(options);
      if (location === undefined) return undefined;
      for await (const record of each(organization)) {
        if (record.sink !== sink || record.id === self) continue;
        if (definition.location?.(record.options) === location) return record;
      }
      return undefined;
    },
  };
}

/** Makes a sink once, to check what it and its events are made with. @throws `sink_unknown`, `sink_options_invalid`, `shape_invalid` */
export async function checkOptions(
  sinks: StreamSinks,
  stream: Pick<StreamRecord, "id" | "organization" | "sink">,
  options: object,
  { shapes, shape }: { readonly shapes: Shapes; readonly shape: Shape | undefined },
): Promise<void> {
  await using sink = sinks.make(stream, options);
  const frozen = shape && shapes.freeze(shape);
  if (frozen?.encoding === undefined || sink.encode === undefined || sink.takesFormats === true) return;
  throw shapeMistake({
    path: "format",
    says: `is not for ${sink.name}, which takes events in Headgate's own form alone`,
    hint: "Filter and privacy rules apply all the same.",
  });
}

/** Those that turn the text around them count as control characters. @throws `sink_options_invalid` */
export function assertStreamName(name: string): void {
  if (name.trim() !== "" && name.length <= 100 && !/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(name)) return;
  throw new HeadgateError(
    "sink_options_invalid",
    "A stream's name must be 1 to 100 characters, without control characters.",
  );
}

export function unknownStream(id: string): HeadgateError {
  return new HeadgateError("stream_unknown", `There is no stream "${id.slice(0, 128)}".`);
}

export function destinationTaken({ id, sink }: StreamRecord): HeadgateError {
  return new HeadgateError(
    "stream_exists",
    `The stream "${id}" of this organization writes to the same place with ${sink}: every event would be stored twice.`,
    {
      hint: "Change that stream, delete it, or give the new one another prefix or folder.",
    },
  );
}
