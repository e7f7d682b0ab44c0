import type { Checkpoint, QuarantineRecord } from "./checkpoint.ts";
import type { Clock } from "./clock.ts";
import { systemClock } from "./clock.ts";
import { HeadgateError } from "./errors.ts";
import { groupBytes, joinGroup, lastSequence, rangeEnd, sliceGroup } from "./group.ts";
import type {
  AppendOptions,
  AppendResult,
  Journal,
  JournalGroup,
  JournalHead,
  JournalPosition,
  JournalRange,
  SkippedRange,
  PreparedEvent,
} from "./journal.ts";
import { memoryDeliveries } from "./memory-deliveries.ts";
import { memoryDocuments } from "./memory-documents.ts";
import { memoryObjects } from "./memory-objects.ts";
import { assertOwnTransaction } from "./own-transaction.ts";
import { assertOrganization } from "./prepare.ts";
import type {
  Checkpoints,
  Cursors,
  Lease,
  Leases,
  Quarantine,
  RejectedRecord,
  Store,
  StreamHealth,
  StreamRecord,
  Streams,
  StreamSnapshot,
} from "./store.ts";

type StoredGroup = JournalGroup & { readonly body: Uint8Array };

/** One organization's journal: its end, which survives trimming, and the groups still held. */
interface Log {
  head: JournalHead;
  /** Number of the append that changed it last, over all organizations. */
  changed: number;
  readonly groups: StoredGroup[];
  readonly skips: SkippedRange[];
  readonly sequences: Map<string, number>;
  /** Ids by sequence, so that trimming can free them. */
  readonly ids: Map<number, string>;
}

const place = (source: string, line: number): string => `${line}:${source}`;

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** Stamps appends and judges leases. @default the machine's clock */
  readonly clock?: Clock;
}

const orderById = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1);

/**
 * A store that forgets everything with the process: for tests, trials, and as the shortest account of what a store
 * does. One process, one handle. Nothing bounds its memory but `trim`.
 *
 * @example
 * ```ts
 * const headgate = createHeadgate({ store: memoryStore(), sinks: [] });
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const { clock = systemClock } = options;
  let closed = false;
  /** Every method goes through here: it is async, so a throw becomes a rejection, and refuses once the store is closed. */
  const guard =
    <Parameters extends unknown[], Result>(body: (...args: Parameters) => Result) =>
    async (...args: Parameters): Promise<Result> => {
      if (closed) throw new HeadgateError("store_closed", "The store has been closed.");
      return body(...args);
    };

  const logs = new Map<string, Log>();
  const listeners = new Set<() => void>();
  let changes = 0;
  /** The last sequence before the first event of a new organization. */
  let beginning = 0;

  function logOf(organization: string): Log {
    const known = logs.get(organization);
    if (known !== undefined) return known;
    const head = { organization, lastSequence: 0, totalBytes: 0, appendedAt: 0 };
    return { head, changed: 0, groups: [], skips: [], sequences: new Map(), ids: new Map() };
  }

  function append(organization: string, events: readonly PreparedEvent[], choice?: AppendOptions): AppendResult {
    assertOrganization(organization);
    assertOwnTransaction(choice, "memory");
    const log = logOf(organization);
    if (!logs.has(organization) && beginning > 0) {
      log.head = { ...log.head, lastSequence: beginning };
      log.skips.push({ after: 0, through: beginning });
    }
    const fresh: PreparedEvent[] = [];
    const sequences = events.map((event) => {
      const first = log.sequences.get(event.id);
      if (first !== undefined) return first;
      const sequence = log.head.lastSequence + fresh.push(event);
      log.sequences.set(event.id, sequence);
      log.ids.set(sequence, event.id);
      return sequence;
    });
    if (fresh.length === 0) return summary(sequences, 0);
    const group = joinGroup(log.head.lastSequence + 1, clock.now(), fresh);
    log.groups.push(group);
    log.head = {
      organization,
      lastSequence: lastSequence(group),
      totalBytes: log.head.totalBytes + group.body.length,
      appendedAt: group.appendedAt,
    };
    log.changed = ++changes;
    logs.set(organization, log);
    for (const listener of listeners) queueMicrotask(listener);
    return summary(sequences, fresh.length);
  }

  /** The groups of a range, cut to it. */
  function groupsIn(organization: string, range: JournalRange): readonly StoredGroup[] {
    const groups = logOf(organization).groups.filter((group) => lastSequence(group) > range.after);
    const through = rangeEnd(groups, range);
    return groups.flatMap((group) => sliceGroup(group, range.after, through) ?? []);
  }

  async function* read(organization: string, range: JournalRange): AsyncGenerator<StoredGroup> {
    const groups = await guard(groupsIn)(organization, range);
    const { groups: all, head } = logOf(organization);
    const first = all[0]?.firstSequence ?? head.lastSequence + 1;
    const { after, through = 0 } = range;
    const beyond = Number.isFinite(through) && through > head.lastSequence;
    const [skip] = skippedAfter(organization, after);
    const next = skip?.after === after ? skip.through + 1 : after + 1;
    if (beyond || (next < first && after < head.lastSequence)) {
      throw new HeadgateError(
        "store_corrupt",
        `The journal of ${organization} holds ${first} to ${head.lastSequence}, not all of what was asked for.`,
        { hint: `The range began after ${after}${beyond ? ` and went through ${through}` : ""}.` },
      );
    }
    yield* groups;
  }

  function skippedAfter(organization: string, after: number): readonly SkippedRange[] {
    const later = logOf(organization).skips.filter(({ through }) => through > after);
    return later.map((skip) => ({ ...skip, after: Math.max(skip.after, after) }));
  }

  function positionAfter(organization: string, after: number): JournalPosition {
    const log = logOf(organization);
    const bytesHeld = log.groups.reduce((sum, group) => sum + group.body.length, 0);
    const pending = log.groups.flatMap((group) => sliceGroup(group, after, Number.POSITIVE_INFINITY) ?? []);
    const passed = bytesHeld - pending.reduce((sum, group) => sum + groupBytes(group), 0);
    return {
      nextSequence: pending[0]?.firstSequence ?? 0,
      appendedAt: pending[0]?.appendedAt ?? 0,
      bytesBefore: log.head.totalBytes - bytesHeld + passed,
      skipped: skippedAfter(organization, after).reduce((sum, skip) => sum + skip.through - skip.after, 0),
    };
  }

  const records = new Map<string, StreamRecord>();
  const healths = new Map<string, StreamHealth>();
  const points = new Map<string, Checkpoint>();
  const held = new Map<string, Map<number, QuarantineRecord>>();

  const journal: Journal = {
    append: guard(append),
    read,
    head: guard((organization) => logOf(organization).head),
    changes: guard((cursor = "0") => {
      const changed = [...logs.values()].filter((log) => log.changed > Number(cursor));
      return { cursor: String(changes), heads: changed.map((log) => log.head) };
    }),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    position: guard(positionAfter),
    index: guard((organization, range) =>
      groupsIn(organization, range).map(({ body: _body, ...group }) => group satisfies JournalGroup),
    ),
    trim: guard((organization, through, appendedBefore) => {
      const log = logOf(organization);
      const claims = [...records.values()]
        .filter((record) => record.organization === organization)
        .map(({ id, start }) => points.get(id)?.position ?? start);
      const free = Math.min(through, ...claims);
      for (;;) {
        const oldest = log.groups[0];
        const last = oldest === undefined ? Number.POSITIVE_INFINITY : lastSequence(oldest);
        if (oldest === undefined || last > free || oldest.appendedAt >= appendedBefore) {
          const first = oldest?.firstSequence ?? log.head.lastSequence + 1;
          for (const { id, organization: owner } of records.values()) {
            const named = points.get(id)?.chain?.objects ?? Number.POSITIVE_INFINITY;
            if (owner === organization) objects.trim(id, named, first);
          }
          return first;
        }
        log.groups.shift();
        for (let sequence = oldest.firstSequence; sequence <= last; sequence++) {
          log.sequences.delete(log.ids.get(sequence) ?? "");
          log.ids.delete(sequence);
        }
      }
    }),
    skip: guard((organization, through) => {
      const log = logs.get(organization);
      if (log === undefined || through <= log.head.lastSequence) return;
      const { lastSequence: after } = log.head;
      const before = log.skips.at(-1);
      if (before?.through === after) log.skips.splice(-1, 1, { ...before, through });
      else log.skips.push({ after, through });
      log.head = { ...log.head, lastSequence: through };
      log.changed = ++changes;
    }),
    beginAfter: guard((through) => void (beginning = Math.max(beginning, through))),
    skipped: guard(skippedAfter),
    firstSequence: guard((organization) => {
      const log = logOf(organization);
      return log.groups[0]?.firstSequence ?? log.head.lastSequence + 1;
    }),
  };

  const known = (id: string): StreamRecord => {
    const record = records.get(id);
    if (record === undefined) throw new HeadgateError("stream_unknown", `There is no stream ${id}.`);
    return record;
  };

  const history = memoryDeliveries((stream) => records.has(stream));
  const objects = memoryObjects();
  const documents = memoryDocuments();

  function snapshotOf(record: StreamRecord, overdueBefore: number): StreamSnapshot {
    const { groups, head } = logOf(record.organization);
    const health = healths.get(record.id);
    const checkpoint = points.get(record.id);
    const overdue = groups.findLast(({ appendedAt }) => appendedAt <= overdueBefore);
    return {
      record,
      ...(health && { health }),
      ...(checkpoint && { checkpoint }),
      head,
      position: positionAfter(record.organization, checkpoint?.position ?? record.start),
      overdueThrough: overdue === undefined ? 0 : lastSequence(overdue),
    };
  }

  const streams: Streams = {
    create: guard((record, writes = []) => {
      if (records.has(record.id)) throw new HeadgateError("stream_exists", `There is a stream ${record.id} already.`);
      documents.write(writes);
      records.set(record.id, record);
    }),
    update: guard((record, writes = []) => {
      known(record.id);
      documents.write(writes);
      records.set(record.id, record);
    }),
    get: guard((id) => records.get(id)),
    list: guard(({ organization, after = "", limit } = {}) =>
      [...records.values()]
        .filter((record) => record.id > after && (organization ?? record.organization) === record.organization)
        .toSorted(orderById)
        .slice(0, limit),
    ),
    delete: guard((id) => {
      known(id);
      for (const map of [records, healths, points, held, history, objects]) map.delete(id);
    }),
    saveHealth: guard((id, health) => {
      if (records.has(id)) healths.set(id, health);
    }),
    health: guard((id) => healths.get(id)),
    snapshot: guard((id, overdueBefore = Number.NEGATIVE_INFINITY) => {
      const record = records.get(id);
      return record && snapshotOf(record, overdueBefore);
    }),
    snapshots: guard(({ organization, search = "", after = "", limit, overdueBefore = Number.NEGATIVE_INFINITY }) =>
      [...records.values()]
        .filter(
          (record) =>
            record.id > after &&
            (organization ?? record.organization) === record.organization &&
            [record.id, record.name ?? "", record.organization].some((text) => holds(text, search)),
        )
        .toSorted(orderById)
        .slice(0, limit)
        .map((record) => snapshotOf(record, overdueBefore)),
    ),
  };

  const checkpoints: Checkpoints = {
    get: guard((stream) => points.get(stream)),
    list: guard(({ after = "", limit }) =>
      [...points.values()]
        .filter(({ stream }) => stream > after)
        .toSorted((a, b) => (a.stream < b.stream ? -1 : 1))
        .slice(0, limit),
    ),
    commit: guard(
      ({ lease, checkpoint, quarantine: entries = [], released = [], deliveries = [], objects: confirmed = [] }) => {
        mine(lease);
        if (known(checkpoint.stream).incarnation !== checkpoint.incarnation) {
          throw new HeadgateError("stream_unknown", `The stream "${checkpoint.stream}" is another one by now.`);
        }
        const stored = points.get(checkpoint.stream);
        const behind = checkpoint.position < (stored?.position ?? 0);
        if (behind || checkpoint.version !== (stored?.version ?? 0) + 1) {
          throw new HeadgateError("checkpoint_conflict", `The checkpoint of ${checkpoint.stream} has moved.`);
        }
        points.set(checkpoint.stream, checkpoint);
        const kept = held.get(checkpoint.stream) ?? new Map<number, QuarantineRecord>();
        held.set(checkpoint.stream, kept);
        for (const sequence of released) kept.delete(sequence);
        history.add(deliveries);
        objects.add(checkpoint.stream, confirmed);
        for (const entry of entries) kept.set(entry.sequence, { ...entry, line: entry.line.slice(), state: "held" });
      },
    ),
  };

  const rejects = new Map<string, RejectedRecord>();
  const toRetry = (stream: string): QuarantineRecord[] =>
    [...(held.get(stream)?.values() ?? [])]
      .filter(({ state }) => state === "retry")
      .toSorted((a, b) => a.sequence - b.sequence);

  const quarantine: Quarantine = {
    list: guard((stream, { after = 0, limit } = {}) =>
      [...(held.get(stream)?.values() ?? [])]
        .filter(({ sequence }) => sequence > after)
        .toSorted((a, b) => a.sequence - b.sequence)
        .slice(0, limit),
    ),
    get: guard((stream, sequence) => held.get(stream)?.get(sequence)),
    mark: guard((stream, sequence, state) => {
      const kept = held.get(stream);
      const entry = kept?.get(sequence);
      if (kept === undefined || entry === undefined || entry.state === "discarded") return false;
      kept.set(sequence, { ...entry, state, line: state === "discarded" ? new Uint8Array() : entry.line });
      return true;
    }),
    retrying: guard(() => [...held.keys()].filter((stream) => toRetry(stream).length > 0).toSorted()),
    nextRetry: guard((stream) => toRetry(stream)[0]),
    reject: guard((entries) => {
      for (const entry of entries) {
        const at = place(entry.source, entry.line);
        if (!rejects.has(at)) rejects.set(at, { ...entry, content: entry.content.slice() });
      }
    }),
    rejected: guard(({ organization, offset = 0, limit } = {}) =>
      [...rejects.values()]
        .filter((entry) => (organization ?? entry.organization) === entry.organization)
        .slice(offset, limit === undefined ? undefined : offset + limit),
    ),
    discardRejected: guard((source, line) => rejects.delete(place(source, line))),
  };

  /** The last lease of each name. A free one keeps its token, so that the next one is larger. */
  const given = new Map<string, Lease>();

  function mine(lease: Lease): void {
    const last = given.get(lease.name);
    if (last?.holder !== lease.holder || last.token !== lease.token) {
      throw new HeadgateError("lease_lost", `The lease ${lease.name} has passed to somebody else.`);
    }
  }

  function acquireLease(name: string, holder: string, ttlMs: number): Lease | undefined {
    const last = given.get(name);
    const now = clock.now();
    if (last !== undefined && last.holder !== holder && last.expiresAt > now) return undefined;
    const token = last?.holder === holder ? last.token : (last?.token ?? 0) + 1;
    const lease = { name, holder, token, expiresAt: now + ttlMs };
    given.set(name, lease);
    return lease;
  }

  function releaseLease(lease: Lease): void {
    const last = given.get(lease.name);
    if (last?.token === lease.token && last.holder === lease.holder) {
      given.set(lease.name, { ...lease, holder: "", expiresAt: 0 });
    }
  }

  const leases: Leases = {
    acquire: guard(acquireLease),
    renew: guard((lease, ttlMs) => {
      mine(lease);
      const renewed = { ...lease, expiresAt: clock.now() + ttlMs };
      given.set(lease.name, renewed);
      return renewed;
    }),
    release: guard(releaseLease),
    current: guard((name) => {
      const last = given.get(name);
      return last !== undefined && last.expiresAt > clock.now() ? last : undefined;
    }),
    acquireAll: guard((names, holder, ttlMs) => names.flatMap((name) => acquireLease(name, holder, ttlMs) ?? [])),
    releaseAll: guard((all) => all.forEach(releaseLease)),
    list: guard((prefix) =>
      [...given.values()]
        .filter(({ name, expiresAt }) => name.startsWith(prefix) && expiresAt > clock.now())
        .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))),
    ),
  };

  const positions = new Map<string, string>();
  const cursors: Cursors = {
    get: guard((source) => positions.get(source)),
    set: guard((source, value) => void positions.set(source, value)),
  };

  return {
    name: "memory",
    journal,
    checkpoints,
    streams,
    quarantine,
    leases,
    cursors,
    deliveries: { add: guard(history.add), list: guard(history.list), trim: guard(history.trim) },
    objects: { list: guard(objects.list) },
    documents: { get: guard(documents.get), list: guard(documents.list), write: guard(documents.write) },
    open: guard(() => {}),
    async [Symbol.asyncDispose]() {
      closed = true;
      listeners.clear();
    },
  };
}

/** Whether a text holds another one, whatever the case of ASCII letters. */
function holds(text: string, part: string): boolean {
  const folded = (from: string): string => from.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
  return folded(text).includes(folded(part));
}

function summary(sequences: readonly number[], accepted: number): AppendResult {
  return { accepted, duplicates: sequences.length - accepted, sequences };
}
