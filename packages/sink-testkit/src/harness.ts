import type { Clock, Logger, Sink, SinkContext, SinkDefinition } from "@headgate/core";
import { silentLogger, systemClock } from "@headgate/core";
import type { Fault, FaultKind } from "./fault.ts";

/** What a check may ask of the sink that it is given. */
export interface SinkOverrides {
  readonly stream?: string;
  readonly organization?: string;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** How long the sink should wait for a silent destination, in ms. Only asked for where the harness plays `hang`. */
  readonly timeoutMs?: number;
}

/** One event as the destination has it. */
export interface ReceivedEvent {
  readonly id: string;
  readonly sequence: number;
  /** Bytes of the event alone, without framing, after decompression: what the sink's `encode` gave. */
  readonly bytes: Uint8Array;
}

/** One stored object, or one accepted request. */
export interface ReceivedBatch {
  /** Object key, path or number: no two batches of a destination share it. */
  readonly name: string;
  /** Size of the whole body as the destination counts it against its limits: framing included, after decompression. */
  readonly bodyBytes: number;
  /** In body order. */
  readonly events: readonly ReceivedEvent[];
}

/** One destination, empty when it is opened. Disposing of it ends whatever it runs. */
export interface SinkBackend extends AsyncDisposable {
  /** Makes a sink that writes to this destination. Called twice, it gives two sinks, as two runners would have them. */
  create(overrides?: SinkOverrides): Sink | Promise<Sink>;
  /** What the destination has now: all of it, in the order in which it came or of its names. */
  received(): readonly ReceivedBatch[] | Promise<readonly ReceivedBatch[]>;
  /** Replaces what is still to go wrong. `script([])` makes the destination well. */
  script(faults: readonly Fault[]): void | Promise<void>;
}

/** What the kit needs to know of a sink under test. */
export interface SinkHarness {
  /** The faults that its destination can play. A check that needs another one is reported as not playable. */
  readonly faults: readonly FaultKind[];
  /** Strings that must never show: every credential that `open` uses. */
  readonly secrets: readonly string[];
  /** Whether the sink has `verify`. @default true */
  readonly verifies?: boolean;
  /** The kind of sink, where it has `tenancy`, and options with one, every secret among them. @default it has none */
  readonly tenancy?: { readonly definition: SinkDefinition; readonly options: object };
  /** How long one call may take before a check calls it stuck, in ms. @default 10000 */
  readonly patienceMs?: number;
  /** Opens a fresh, empty destination for one check. */
  open(): SinkBackend | Promise<SinkBackend>;
}

/**
 * The context for a sink's factory, with what a check asks for.
 *
 * @example
 * ```ts
 * create: (overrides) => memorySink(destination).create({}, sinkContext(overrides)),
 * ```
 */
export function sinkContext(overrides: SinkOverrides = {}): SinkContext {
  return {
    stream: overrides.stream ?? "stream-1",
    organization: overrides.organization ?? "org_1",
    clock: overrides.clock ?? systemClock,
    random: () => 0.5,
    logger: overrides.logger ?? silentLogger,
  };
}
