import { setImmediate as tick } from "node:timers/promises";
import type {
  DeliveryResult,
  DigestObjects,
  OutgoingDigest,
  Secret,
  Sink,
  SinkDefinition,
  VerificationStep,
} from "@headgate/core";
import { describe, expect, it } from "vitest";
import { sinkConformance } from "./conformance.ts";
import type { SinkHarness, SinkOverrides } from "./harness.ts";
import { sinkContext } from "./harness.ts";
import { memoryHarness } from "./memory-harness.ts";

const token = memoryHarness.secrets[0] as string;
const forever = new AbortController().signal;

interface Broken {
  /** Completes "catches a sink that …". */
  readonly name: string;
  readonly caughtBy: string;
  readonly says: RegExp;
  readonly breaks?: (sink: Sink, overrides: SinkOverrides) => Partial<Sink>;
  readonly tenancy?: SinkDefinition["tenancy"];
  /** Where the check must lose its patience to catch it. */
  readonly patienceMs?: number;
}

type Breaks = NonNullable<Broken["breaks"]>;

/** Changes what `deliver` returns. */
function results(change: (result: DeliveryResult) => DeliveryResult): Breaks {
  return (sink) => ({ deliver: async (chunk, context) => change(await sink.deliver(chunk, context)) });
}

/** Changes the steps of `verify`. */
function steps(change: (step: VerificationStep) => VerificationStep): Breaks {
  return (sink) => ({
    async *verify(context) {
      for await (const step of sink.verify?.(context) ?? []) yield change(step);
    },
  });
}

/** Changes the bytes on their way out. */
function bodies(change: (lines: readonly string[]) => readonly string[]): Breaks {
  return (sink) => ({
    deliver(chunk, context) {
      const lines = Buffer.from(chunk.body)
        .toString()
        .split(/(?<=\n)/);
      return sink.deliver({ ...chunk, body: Buffer.from(change(lines).join("")) }, context);
    },
  });
}

/** Changes how digests are stored. */
function digestsThat(change: (digests: DigestObjects) => DigestObjects): Breaks {
  return (sink) => (typeof sink.digests === "object" ? { digests: change(sink.digests) } : {});
}

const seenDigests = new Set<OutgoingDigest>();
let calls = 0;
let sharedIsOpen = true;

const brokenSinks: readonly Broken[] = [
  {
    name: "drops the last event",
    caughtBy: "delivers/every-event",
    says: /is lost/,
    breaks: bodies((lines) => lines.slice(0, Math.max(1, lines.length - 1))),
  },
  {
    name: "sends every chunk twice",
    caughtBy: "delivers/every-event",
    says: /is in 2 times/,
    breaks: (sink) => ({
      async deliver(chunk, context) {
        await sink.deliver({ ...chunk, key: `${chunk.key}-copy` }, context);
        return await sink.deliver(chunk, context);
      },
    }),
  },
  {
    name: "shuffles the events of a chunk",
    caughtBy: "delivers/every-event",
    says: /out of order/,
    breaks: bodies((lines) => [...lines.slice(0, 2), ...lines.slice(2).toReversed()]),
  },
  {
    name: "splits a chunk in two requests",
    caughtBy: "delivers/every-event",
    says: /other events than its chunk/,
    breaks: (sink) => ({
      async deliver(chunk, context) {
        const middle = chunk.body.indexOf(0x0a) + 1;
        await sink.deliver({ ...chunk, key: `${chunk.key}a`, body: chunk.body.subarray(0, middle) }, context);
        if (middle === chunk.body.length) return { status: "delivered", receipt: chunk.key };
        return await sink.deliver({ ...chunk, body: chunk.body.subarray(middle) }, context);
      },
    }),
  },
  {
    name: "takes a gap in the sequences for the end",
    caughtBy: "delivers/hour-edges",
    says: /is lost/,
    breaks: bodies((lines) => lines.slice(0, 1)),
  },
  {
    name: "mends lone surrogates",
    caughtBy: "delivers/hostile-events",
    says: /altered/,
    breaks: bodies((lines) => lines.map((line) => line.replaceAll(/\\u0000|\\ud800|\\udc00/g, "\\ufffd"))),
  },
  {
    name: "writes to the chunk's body",
    caughtBy: "delivers/leaves-chunk-alone",
    says: /changed the chunk's body/,
    breaks: (sink) => ({
      async deliver(chunk, context) {
        const result = await sink.deliver(chunk, context);
        chunk.body.fill(0);
        return result;
      },
    }),
  },
  {
    name: "names every request anew",
    caughtBy: "repeats/same-sink",
    says: /is in 2 times/,
    breaks: (sink) => ({
      deliver: (chunk, context) => sink.deliver({ ...chunk, key: `${chunk.key}-${calls++}` }, context),
    }),
  },
  ...["repeats/second-sink", "repeats/race"].map((caughtBy): Broken => ({
    name: `names its objects after itself (${caughtBy})`,
    caughtBy,
    says: /is in \d times/,
    breaks: (sink) => {
      const self = calls++;
      return { deliver: (chunk, context) => sink.deliver({ ...chunk, key: `${chunk.key}-${self}` }, context) };
    },
  })),
  {
    name: "takes a lost reply for a success",
    caughtBy: "repeats/lost-reply",
    says: /proves nothing/,
    breaks: results((result) => (result.status === "retry" ? { status: "delivered", receipt: "sure" } : result)),
  },
  {
    name: "declares a limit that no event fits in",
    caughtBy: "limits/declared",
    says: /exceeds maxBytes by 1/,
    breaks: (sink) => ({ limits: { ...sink.limits, maxBytes: 1000, maxEventBytes: 1000 } }),
  },
  {
    name: "declares more bytes than its destination takes",
    caughtBy: "limits/largest-chunk",
    says: /within the declared limits/,
    breaks: (sink) => ({ limits: { ...sink.limits, maxBytes: 4 * 1024 * 1024 + 1 } }),
  },
  {
    name: "cannot take its largest event",
    caughtBy: "limits/largest-event",
    says: /within the declared limits/,
    breaks: (sink) => ({ limits: { ...sink.limits, maxBytes: 2 ** 23, maxEventBytes: 2 ** 22 } }),
  },
  {
    name: "sends only so many events of a chunk",
    caughtBy: "limits/most-events",
    says: /is lost/,
    breaks: bodies((lines) => lines.slice(0, 9999)),
  },
  {
    name: "comes back sooner than it was asked to",
    caughtBy: "outcomes/busy",
    says: /asked for 3000 ms, the sink for 10/,
    breaks: results((result) => (result.status === "retry" ? { ...result, afterMs: 10 } : result)),
  },
  {
    name: "retries inside of deliver",
    caughtBy: "outcomes/unavailable",
    says: /must end retry, but ended .*delivered/,
    breaks: (sink) => ({
      async deliver(chunk, context) {
        const result = await sink.deliver(chunk, context);
        return result.status === "retry" ? await sink.deliver(chunk, context) : result;
      },
    }),
  },
  {
    name: "throws in place of returning data",
    caughtBy: "outcomes/reset",
    says: /threw in place of returning a result/,
    breaks: results((result) => {
      if (result.status === "delivered") return result;
      throw new Error(result.error.message);
    }),
  },
  {
    name: "waits for ever",
    caughtBy: "outcomes/hang",
    says: /did not end within/,
    patienceMs: 600,
    breaks: (sink) => ({
      deliver: async (chunk, context) => {
        const result = await sink.deliver(chunk, context);
        return result.status === "delivered" ? result : await new Promise<never>(() => {});
      },
    }),
  },
  {
    name: "gives up on a slow destination",
    caughtBy: "outcomes/slow",
    says: /must end delivered/,
    breaks: (sink) => ({
      async deliver(chunk, context) {
        const limit = AbortSignal.timeout(20);
        try {
          return await sink.deliver(chunk, { ...context, signal: AbortSignal.any([context.signal, limit]) });
        } catch {
          return { status: "retry", error: { code: "destination_timeout", message: "Too slow.", hint: "Wait." } };
        }
      },
    }),
  },
  {
    name: "holds the stream when a session has run out",
    caughtBy: "outcomes/expired",
    says: /must end retry or delivered, but ended .*blocked/,
    breaks: results((result) => (result.status === "retry" ? { status: "blocked", error: result.error } : result)),
  },
  {
    name: "calls a 403 delivered",
    caughtBy: "outcomes/denied",
    says: /must end blocked, but ended .*delivered/,
    breaks: results((result) => (result.status === "blocked" ? { status: "delivered", receipt: "403" } : result)),
  },
  {
    name: "calls a missing destination a bad event",
    caughtBy: "outcomes/missing",
    says: /must end blocked, but ended .*rejected/,
    breaks: results((result) =>
      result.status === "blocked" ? { status: "rejected", error: result.error, indexes: [0] } : result,
    ),
  },
  {
    name: "gives no hint",
    caughtBy: "outcomes/full",
    says: /has no hint/,
    breaks: results((result) => {
      if (result.status !== "retry") return result;
      return { status: "retry", error: { code: result.error.code, message: result.error.message } };
    }),
  },
  {
    name: "makes up an error code",
    caughtBy: "outcomes/denied",
    says: /no code of the table/,
    breaks: results((result) => {
      if (result.status !== "blocked") return result;
      return { ...result, error: { ...result.error, code: "http_403" as "access_denied" } };
    }),
  },
  {
    name: "blames the neighbours of a refused event",
    caughtBy: "outcomes/refuses",
    says: /were refused/,
    breaks: results((result) => (result.status === "rejected" ? { ...result, indexes: [0, 1, 2, 3, 4, 5] } : result)),
  },
  {
    name: "retries events that are refused for good",
    caughtBy: "outcomes/refuses",
    says: /must end rejected/,
    breaks: results((result) => (result.status === "rejected" ? { status: "retry", error: result.error } : result)),
  },
  {
    name: "forgets acceptedCount",
    caughtBy: "outcomes/partial",
    says: /is in 2 times/,
    breaks: results((result) => (result.status === "retry" ? { status: "retry", error: result.error } : result)),
  },
  {
    name: "counts too many events as accepted",
    caughtBy: "outcomes/partial",
    says: /would be lost/,
    breaks: results((result) => (result.status === "retry" ? { ...result, acceptedCount: 5 } : result)),
  },
  ...["cancels/before", "cancels/silent-destination"].map((caughtBy): Broken => ({
    name: `ignores the abort signal (${caughtBy})`,
    caughtBy,
    says: /must reject with the signal's reason|did not end within/,
    patienceMs: 600,
    breaks: (sink) => ({ deliver: (chunk) => sink.deliver(chunk, { ...sinkDeliveryContext, signal: forever }) }),
  })),
  {
    name: "turns an abort into a retry",
    caughtBy: "cancels/silent-destination",
    says: /must reject with the signal's reason/,
    breaks: (sink) => ({
      deliver: (chunk, context) =>
        sink.deliver(chunk, context).catch((): DeliveryResult => {
          return { status: "retry", error: { code: "cancelled", message: "Stopped.", hint: "Start again." } };
        }),
    }),
  },
  {
    name: "leaves half an object behind when it is stopped",
    caughtBy: "cancels/midway",
    says: /other events than its chunk/,
    breaks: (sink) => ({
      async deliver(chunk, context) {
        await tick();
        if (!context.signal.aborted) return await sink.deliver(chunk, context);
        const half = chunk.body.subarray(0, chunk.body.indexOf(0x0a) + 1);
        await sink.deliver({ ...chunk, body: half }, { ...context, signal: forever });
        throw context.signal.reason;
      },
    }),
  },
  {
    name: "cannot be disposed of twice",
    caughtBy: "disposes/twice",
    says: /closed already/,
    breaks: (sink) => {
      let closed = false;
      return {
        async [Symbol.asyncDispose]() {
          if (closed) throw new Error("closed already");
          closed = true;
          await sink[Symbol.asyncDispose]();
        },
      };
    },
  },
  {
    name: "goes on after it was disposed of",
    caughtBy: "disposes/then-refuses",
    says: /sink_closed/,
    breaks: () => ({ async [Symbol.asyncDispose]() {} }),
  },
  {
    name: "closes what others still use",
    caughtBy: "disposes/alone",
    says: /threw in place of returning a result.*ERR_CLOSED/,
    breaks: (sink) => {
      sharedIsOpen = true;
      return {
        deliver: async (chunk, context) => {
          if (!sharedIsOpen) throw new Error("ERR_CLOSED");
          return await sink.deliver(chunk, context);
        },
        async [Symbol.asyncDispose]() {
          sharedIsOpen = false;
        },
      };
    },
  },
  {
    name: "mixes up calls that run at once",
    caughtBy: "concurrency/parallel-calls",
    says: /is lost/,
    breaks: (sink) => {
      let current: Parameters<Sink["deliver"]>[0];
      return {
        async deliver(chunk, context) {
          current = chunk;
          await tick();
          return await sink.deliver(current, context);
        },
      };
    },
  },
  {
    name: "puts its token into an error message",
    caughtBy: "redacts/everywhere",
    says: /A secret shows/,
    breaks: results((result) => {
      if (result.status !== "blocked") return result;
      return { ...result, error: { ...result.error, message: `403 for Bearer ${token}` } };
    }),
  },
  {
    name: "logs its token in Base64",
    caughtBy: "redacts/everywhere",
    says: /A secret shows/,
    breaks: (sink) => ({
      deliver(chunk, context) {
        context.logger.debug("request", { authorization: Buffer.from(token).toString("base64") });
        return sink.deliver(chunk, context);
      },
    }),
  },
  {
    name: "shows its token to whoever prints it",
    caughtBy: "redacts/everywhere",
    says: /A secret shows/,
    breaks: () => ({ settings: { token } }) as Partial<Sink>,
  },
  {
    name: "shows its token in a verification",
    caughtBy: "redacts/everywhere",
    says: /A secret shows/,
    breaks: steps((step) => ({ ...step, detail: `Token ${token}` })),
  },
  {
    name: "quotes an event in an error",
    caughtBy: "redacts/everywhere",
    says: /An event's content shows/,
    breaks: (sink) => ({
      async deliver(chunk, context) {
        const result = await sink.deliver(chunk, context);
        if (result.status !== "rejected") return result;
        return { ...result, error: { ...result.error, message: `Refused: ${Buffer.from(chunk.body).toString()}` } };
      },
    }),
  },
  {
    name: "encodes with a counter",
    caughtBy: "encodes/deterministic",
    says: /other bytes the second time/,
    breaks: () => ({ encode: (event) => Buffer.from(`${Buffer.from(event.line).toString()} ${calls++}`) }),
  },
  {
    name: "encodes the local hour",
    caughtBy: "encodes/deterministic",
    says: /other bytes the second time/,
    breaks: () => ({
      encode: (event) => Buffer.from(`${Buffer.from(event.line).toString()} ${new Date(event.occurredAt).getHours()}`),
    }),
  },
  {
    name: "cannot encode some events",
    caughtBy: "encodes/total",
    says: /too odd/,
    breaks: () => ({
      encode(event) {
        if (Buffer.from(event.line).includes("\\u")) throw new Error("too odd");
        return event.line;
      },
    }),
  },
  {
    name: "puts line ends into a line",
    caughtBy: "encodes/total",
    says: /holds a line end/,
    breaks: () => ({ encode: (event) => Buffer.from(JSON.stringify(event.parse(), undefined, 1)) }),
  },
  {
    name: "names objects by the clock",
    caughtBy: "encodes/same-name",
    says: /depends on the time/,
    breaks: (sink, { clock }) => ({
      deliver: (chunk, context) => sink.deliver({ ...chunk, key: `${clock?.now()}` }, context),
    }),
  },
  {
    name: "has no verify although its harness says so",
    caughtBy: "verifies/steps",
    says: /The harness says verifies: true/,
    breaks: () => ({ verify: undefined }) as unknown as Partial<Sink>,
  },
  {
    name: "verifies everything as good",
    caughtBy: "verifies/denied",
    says: /finds nothing wrong/,
    breaks: steps(({ name }) => ({ name, status: "ok", detail: "fine" })),
  },
  {
    name: "does not say what to do",
    caughtBy: "verifies/missing",
    says: /has no fix/,
    breaks: steps(({ name, status, detail }) => ({ name, status, detail })),
  },
  {
    name: "does not name its objects",
    caughtBy: "digests/names-objects",
    says: /names no object/,
    breaks: results((result) =>
      result.status === "delivered" ? { status: result.status, receipt: result.receipt } : result,
    ),
  },
  {
    name: "stores digests among the events",
    caughtBy: "digests/aside",
    says: /no part that begins with an underscore/,
    breaks: digestsThat((digests) => ({
      ...digests,
      key: (...args) => digests.key(...args).replaceAll("_", "-"),
    })),
  },
  {
    name: "refuses a digest that is there",
    caughtBy: "digests/aside",
    says: /A digest ended/,
    breaks: digestsThat((digests) => ({
      ...digests,
      deliver: async (digest, context) =>
        seenDigests.size < seenDigests.add(digest).size
          ? digests.deliver(digest, context)
          : { status: "blocked", error: { code: "destination_unexpected", message: "It is there." } },
    })),
  },
  {
    name: "does not say that a digest was there",
    caughtBy: "digests/aside",
    says: /not said to be present/,
    breaks: digestsThat((digests) => ({
      ...digests,
      deliver: async (digest, context) => ({ ...(await digests.deliver(digest, context)), present: false }),
    })),
  },
  {
    name: "stores digests once it is closed",
    caughtBy: "digests/cancels",
    says: /Missing expected rejection/,
    breaks: digestsThat((digests) => ({
      ...digests,
      deliver: (digest, context) =>
        digests
          .deliver(digest, context)
          .catch((error: unknown) =>
            context.signal.aborted ? Promise.reject(error as Error) : { status: "delivered" as const, receipt: "x" },
          ),
    })),
  },
  {
    name: "verifies on after it was stopped",
    caughtBy: "verifies/cancels",
    says: /must reject with the signal's reason/,
    breaks: (sink) => ({ verify: () => sink.verify?.({ signal: forever }) as AsyncIterable<VerificationStep> }),
  },
  {
    name: "tells its customers apart by their secrets",
    caughtBy: "tenancy/stable",
    says: /another tenancy than those given/,
    tenancy(options) {
      const kept = Reflect.get(options, "token") as Secret | string;
      return typeof kept === "string" ? kept : `account ${kept.reveal().length}`;
    },
  },
  {
    name: "has another tenancy each time",
    caughtBy: "tenancy/stable",
    says: /changes from call to call/,
    tenancy: () => String(calls++),
  },
  {
    name: "shows a secret in its tenancy",
    caughtBy: "tenancy/stable",
    says: /holds a secret/,
    tenancy: () => `acme/${token}`,
  },
];

const sinkDeliveryContext = { attempt: 1, logger: sinkContext().logger };

/** The memory sink's harness with a sink that is broken in one way. */
function brokenHarness({ breaks, tenancy, patienceMs = 20_000 }: Broken): SinkHarness {
  const { definition, options } = memoryHarness.tenancy ?? {};
  return {
    ...memoryHarness,
    ...(definition && options && tenancy && { tenancy: { definition: { ...definition, tenancy }, options } }),
    patienceMs,
    async open() {
      const backend = await memoryHarness.open();
      return {
        ...backend,
        received: () => backend.received(),
        async create(overrides = {}) {
          const sink = await backend.create(overrides);
          return { ...sink, ...breaks?.(sink, overrides) };
        },
        [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
      };
    },
  };
}

async function runCheck(id: string, harness: SinkHarness): Promise<void> {
  const tests = new Map<string, () => Promise<void>>();
  sinkConformance({ test: (name, body) => tests.set(name.split(":")[0] as string, body), harness });
  const body = tests.get(id);
  if (body === undefined) throw new Error(`There is no check ${id}.`);
  await body();
}

describe("sinkConformance", () => {
  it.each(brokenSinks)("catches a sink that $name", async (broken) => {
    await expect(runCheck(broken.caughtBy, brokenHarness(broken))).rejects.toThrow(broken.says);
  });

  it("has a broken sink for every check", () => {
    const checks = sinkConformance({ test: () => {}, harness: memoryHarness }).map((entry) => entry.check);
    const caught = new Set(brokenSinks.map((broken) => broken.caughtBy));
    expect(checks.filter((check) => !caught.has(check))).toEqual([]);
  });
});
