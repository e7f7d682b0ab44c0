import { type BrokenStore, journal } from "./broken-store.ts";

const everything = Number.MAX_SAFE_INTEGER;

/** How the journal of a store goes wrong. */
export const brokenJournals: readonly BrokenStore[] = [
  {
    defect: "skips a sequence",
    caughtBy: "append: concurrent appends get gapless sequences per organization",
    breaks: (store) =>
      journal(store, {
        async append(organization, events) {
          const result = await store.journal.append(organization, events);
          return { ...result, sequences: result.sequences.map((sequence) => (sequence > 3 ? sequence + 1 : sequence)) };
        },
      }),
  },
  {
    defect: "gives sequences again that were left out",
    caughtBy: "skip: the next event gets the sequence after what was left out, and readings pass over it",
    breaks: (store) => journal(store, { skip: async () => {} }),
  },
  {
    defect: "does not say what was left out",
    caughtBy: "skip: says what was left out after a sequence",
    breaks: (store) => journal(store, { skipped: async () => [] }),
  },
  {
    defect: "loses the last event of a large append",
    caughtBy: "append: concurrent appends get gapless sequences per organization",
    breaks: (store) =>
      journal(store, {
        async append(organization, events) {
          if (events.length < 5) return store.journal.append(organization, events);
          const { accepted, duplicates, sequences } = await store.journal.append(organization, events.slice(0, -1));
          return { accepted: accepted + 1, duplicates, sequences: [...sequences, (sequences.at(-1) ?? 0) + 1] };
        },
      }),
  },
  {
    defect: "acknowledges before it stores",
    caughtBy: "append: an event can be read as soon as its append has resolved",
    breaks: (store) =>
      journal(store, {
        async append(organization, events) {
          const { lastSequence } = await store.journal.head(organization);
          setTimeout(() => void store.journal.append(organization, events).catch(() => {}), 2);
          return { accepted: events.length, duplicates: 0, sequences: events.map((_, at) => lastSequence + at + 1) };
        },
      }),
  },
  {
    defect: "folds the case of organization ids",
    caughtBy: "append: organization ids are taken to the letter, and bad ones refused",
    breaks: (store) =>
      journal(store, {
        append: (organization, events) => store.journal.append(organization.toLowerCase(), events),
        read: (organization, range) => store.journal.read(organization.toLowerCase(), range),
      }),
  },
  {
    defect: "changes bytes",
    caughtBy: "bodies: stored bytes, lengths and times are those of joinGroup",
    breaks: (store) =>
      journal(store, {
        append: (organization, events) =>
          store.journal.append(
            organization,
            events.map((event) => ({
              ...event,
              stub: Buffer.from(Buffer.from(event.stub).toString().replace("kit.event", "kit.Event")),
            })),
          ),
      }),
  },
  {
    defect: "stores a duplicate id of the same batch",
    caughtBy: "idempotence: an id that stands twice in a batch is stored once",
    breaks: (store) =>
      journal(store, {
        async append(organization, events) {
          if (events.length > 100) return store.journal.append(organization, events);
          const results = [];
          for (const [at, event] of events.entries()) {
            const twin = events.findIndex(({ id }) => id === event.id) < at;
            results.push(
              await store.journal.append(organization, [twin ? { ...event, id: `${event.id}#${at}` } : event]),
            );
          }
          return {
            accepted: results.reduce((sum, { accepted }) => sum + accepted, 0),
            duplicates: results.reduce((sum, { duplicates }) => sum + duplicates, 0),
            sequences: results.flatMap(({ sequences }) => sequences),
          };
        },
      }),
  },
  {
    defect: "forgets ids from one append to the next",
    caughtBy: "idempotence: a repeat in a later append returns the first sequence and stores nothing",
    breaks: (store) => {
      let appends = 0;
      return journal(store, {
        append(organization, events) {
          appends += 1;
          return store.journal.append(
            organization,
            events.map((event) => ({ ...event, id: `${event.id}#${appends}` })),
          );
        },
      });
    },
  },
  {
    defect: "looks up given ids only among given ids",
    caughtBy: "idempotence: an id that Headgate minted is found when a caller repeats it",
    breaks: (store) =>
      journal(store, {
        append: (organization, events) =>
          store.journal.append(
            organization,
            events.map((event) => (event.idGiven ? event : { ...event, id: `minted ${event.id}` })),
          ),
      }),
  },
  {
    defect: "looks ids up over all organizations",
    caughtBy: "idempotence: the same id in another organization is another event",
    breaks: (store) => {
      const seen = new Map<string, number>();
      return journal(store, {
        async append(organization, events) {
          const fresh = events.filter(({ id }) => !seen.has(id));
          const { accepted, sequences } = await store.journal.append(organization, fresh);
          for (const [at, { id }] of fresh.entries()) seen.set(id, sequences[at] ?? 0);
          return {
            accepted,
            duplicates: events.length - accepted,
            sequences: events.map(({ id }) => seen.get(id) ?? 0),
          };
        },
      });
    },
  },
  {
    defect: "keeps ids after their events were trimmed",
    caughtBy: "idempotence: trimming frees the ids that left the journal, and no others",
    breaks: (store) => {
      const seen = new Map<string, number>();
      return journal(store, {
        async append(organization, events) {
          const fresh = events.filter(({ id }) => !seen.has(`${organization} ${id}`));
          const result = await store.journal.append(organization, fresh);
          for (const [at, { id }] of fresh.entries()) seen.set(`${organization} ${id}`, result.sequences[at] ?? 0);
          const sequences = events.map(({ id }) => seen.get(`${organization} ${id}`) ?? 0);
          return { accepted: result.accepted, duplicates: events.length - result.accepted, sequences };
        },
      });
    },
  },
  {
    defect: "ends an index one event early at a byte limit",
    caughtBy: "ranges: index and read are cut to what rangeEnd says, at every range",
    breaks: (store) =>
      journal(store, {
        index: (organization, range) =>
          store.journal.index(
            organization,
            range.maxBytes === undefined ? range : { ...range, maxBytes: range.maxBytes * 0.7 },
          ),
      }),
  },
  {
    defect: "gives nothing where the first event is above maxBytes",
    caughtBy: "ranges: index and read are cut to what rangeEnd says, at every range",
    breaks: (store) =>
      journal(store, {
        async *read(organization, range) {
          for await (const group of store.journal.read(organization, range)) {
            if (group.body.length <= (range.maxBytes ?? everything)) yield group;
          }
        },
      }),
  },
  {
    defect: "counts bytes before a position from the group's start",
    caughtBy: "ranges: position says what comes next and how many bytes lie before",
    breaks: (store) =>
      journal(store, {
        async position(organization, after) {
          const groups = await store.journal.index(organization, { after: 0 });
          const group = groups.findLast(({ firstSequence }) => firstSequence <= after + 1);
          const position = await store.journal.position(organization, after);
          if (group === undefined || position.nextSequence === 0) return position;
          const { bytesBefore } = await store.journal.position(organization, group.firstSequence - 1);
          return { ...position, bytesBefore };
        },
      }),
  },
  {
    defect: "skips what was trimmed in silence",
    caughtBy: "ranges: reading what the journal does not hold is refused, not skipped",
    breaks: (store) =>
      journal(store, {
        async *read(organization, range) {
          const after = Math.max(range.after, (await store.journal.firstSequence(organization)) - 1);
          yield* store.journal.read(organization, { ...range, after });
        },
      }),
  },
  {
    defect: "tells of one changed head at a time and moves the cursor past the others",
    caughtBy: "changes: without a cursor all heads, with one those that changed since",
    breaks: (store) =>
      journal(store, {
        async changes(cursor) {
          const changes = await store.journal.changes(cursor);
          return cursor === undefined ? changes : { ...changes, heads: changes.heads.slice(-1) };
        },
      }),
  },
  {
    defect: "never calls a subscriber that came late",
    caughtBy: "changes: a subscriber is told of an append, until it leaves",
    breaks: (store) =>
      journal(store, {
        subscribe(listener) {
          store.journal.subscribe(listener);
          return () => {};
        },
      }),
  },
  {
    defect: "trims beyond `through`",
    caughtBy: "trim: takes whole groups and nothing beyond `through`",
    breaks: (store) =>
      journal(store, {
        trim: (organization, through, before) =>
          store.journal.trim(organization, through === 0 ? 0 : through + 2, before),
      }),
  },
  {
    defect: "trims what a stream still lacks",
    caughtBy: "trim: leaves what a stream of the organization still lacks",
    breaks: (store) => ({
      streams: {
        ...store.streams,
        create: (record) => store.streams.create({ ...record, start: Number.MAX_SAFE_INTEGER }),
      },
    }),
  },
  {
    defect: "trims what is too young",
    caughtBy: "trim: leaves what was appended at or after `appendedBefore`, and all that follows it",
    breaks: (store) =>
      journal(store, {
        trim: (organization, through, before) => store.journal.trim(organization, through, before + 1),
      }),
  },
  {
    defect: "forgets the total after a trim",
    caughtBy: "trim: sequences, totals and heads go on as if nothing had been taken",
    breaks: (store) => {
      const lost = new Map<string, number>();
      return journal(store, {
        async trim(organization, through, before) {
          const first = await store.journal.trim(organization, through, before);
          const { bytesBefore } = await store.journal.position(organization, first - 1);
          lost.set(organization, bytesBefore);
          return first;
        },
        async head(organization) {
          const head = await store.journal.head(organization);
          return { ...head, totalBytes: head.totalBytes - (lost.get(organization) ?? 0) };
        },
      });
    },
  },
];
