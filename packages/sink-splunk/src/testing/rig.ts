import type { Chunk, Clock, DeliveryResult, Sink, VerificationStep } from "@headgate/core";
import { secret } from "@headgate/core";
import type { SinkOverrides } from "@headgate/sink-testkit";
import { auditEvents, chunkOf, deliveryContext, sinkContext } from "@headgate/sink-testkit";
import type { HecServer, HecServerOptions } from "@headgate/sink-testkit/hec";
import { startHecServer } from "@headgate/sink-testkit/hec";
import type { SplunkOperatorOptions, SplunkSinkOptions } from "../options.ts";
import { splunkSink } from "../splunk-sink.ts";
import { testAction } from "../test-event.ts";
import { testToken } from "./hec-backend.ts";

/** A clock whose timers fire at once, and take their time with them. */
export interface HurryingClock extends Clock {
  /** Lets time pass. */
  pass(ms: number): void;
  /** Called when a timer fires, with the time since the start, in ms. */
  onTimer: ((elapsedMs: number) => void) | undefined;
}

export function hurryingClock(start = Date.parse("2025-07-16T10:00:00.000Z")): HurryingClock {
  let now = start;
  const clock: HurryingClock = {
    now: () => now,
    pass: (ms) => void (now += ms),
    onTimer: undefined,
    after(ms, callback) {
      const timer = setImmediate(() => {
        now += ms;
        clock.onTimer?.(now - start);
        callback();
      });
      return () => clearImmediate(timer);
    },
  };
  return clock;
}

/** What a test starts with. */
export interface RigOptions extends Partial<Omit<HecServerOptions, "now">> {
  readonly acknowledge?: boolean;
}

/** A strict collector and sinks on it that share one clock. */
export interface Rig extends AsyncDisposable {
  readonly server: HecServer;
  readonly clock: HurryingClock;
  sink(options?: Partial<SplunkSinkOptions>, operator?: SplunkOperatorOptions, overrides?: SinkOverrides): Sink;
  /** Ids of the events that are in, in order, without the sink's own. */
  ids(): readonly string[];
  /** How many events of the sink's own are in. */
  tests(): number;
  /** How many requests went to the endpoint for events. */
  posts(): number;
}

export async function startRig({ acknowledge = false, ...options }: RigOptions = {}): Promise<Rig> {
  const clock = hurryingClock();
  const tokens = [{ token: testToken, acknowledge, indexes: ["audit", "other"] }];
  const server = await startHecServer({ tokens, now: () => clock.now(), ...options });
  const own = (action: unknown): boolean => action === testAction;
  return {
    server,
    clock,
    sink: (more = {}, operator = {}, overrides = {}) =>
      rigSink([server.url], clock, { ...ca(server), ...more }, operator, overrides),
    ids: () =>
      server.events
        .filter(({ fields }) => !own(fields?.["action"]))
        .map(({ event }) => (event as { readonly id: string }).id),
    tests: () => server.events.filter(({ fields }) => own(fields?.["action"])).length,
    posts: () => server.requests.filter(({ endpoint }) => endpoint === "event").length,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A sink on collectors, with the tests' token and index. */
export function rigSink(
  url: readonly string[],
  clock: Clock,
  options: Partial<SplunkSinkOptions> = {},
  operator: SplunkOperatorOptions = {},
  overrides: SinkOverrides = {},
): Sink {
  const definition = splunkSink({ allowInsecureEndpoint: true, ...operator });
  return definition.create(
    { url, token: secret(testToken), index: "audit", ...options },
    sinkContext({ clock, ...overrides }),
  );
}

function ca(server: HecServer): Partial<SplunkSinkOptions> {
  return server.ca === undefined ? {} : { ca: server.ca };
}

/** A chunk of so many events, and their ids. */
export function chunkFor(sink: Sink, count = 5, first = 1): { readonly chunk: Chunk; readonly ids: readonly string[] } {
  const events = auditEvents(count, first);
  return { chunk: chunkOf(sink, events), ids: events.map(({ id }) => id) };
}

/** One delivery. */
export function deliver(sink: Sink, chunk: Chunk): Promise<DeliveryResult> {
  return sink.deliver(chunk, deliveryContext());
}

/** All steps of a verification. */
export async function verification(sink: Sink): Promise<readonly VerificationStep[]> {
  const steps: VerificationStep[] = [];
  for await (const step of sink.verify?.({ signal: new AbortController().signal }) ?? []) steps.push(step);
  return steps;
}
