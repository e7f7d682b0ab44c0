import type { Chunk, DeliveryContext, Sink } from "@headgate/core";
import { secret } from "@headgate/core";
import type { ReceivedBatch, SinkHarness, SinkOverrides } from "@headgate/sink-testkit";
import { sinkContext } from "@headgate/sink-testkit";
import type { DatadogServer, DatadogServerOptions } from "@headgate/sink-testkit/datadog";
import { datadogFault, startDatadogServer } from "@headgate/sink-testkit/datadog";
import { datadogSink } from "../datadog-sink.ts";
import type { DatadogSinkOptions } from "../options.ts";
import { testAction } from "../test-log.ts";
import type { LogsTransportFactory } from "../transport.ts";

/** The key that the tests' server takes. */
export const apiKey = "0123456789abcdef0123456789abcdef";

/** What a test starts with. */
export interface RigOptions extends Partial<Omit<DatadogServerOptions, "apiKeys" | "now">> {
  readonly options?: Partial<DatadogSinkOptions>;
  readonly transport?: LogsTransportFactory;
  /** Whether sinks trust the authority of the server's certificate. @default true */
  readonly trusting?: boolean;
}

/** A strict server and sinks on it that share one clock. */
export interface Rig extends AsyncDisposable {
  readonly server: DatadogServer;
  /** Mutable: the clock of both, Unix ms. */
  now: number;
  sink(options?: Partial<DatadogSinkOptions>, overrides?: SinkOverrides): Sink;
}

/** Starts it, at the hour of the kit's events. */
export async function startRig({ options, transport, trusting = true, ...server }: RigOptions = {}): Promise<Rig> {
  const datadog = await startDatadogServer({ idPath: "audit.id", ...server, apiKeys: [apiKey], now: () => rig.now });
  const { url, ca } = datadog;
  const rig: Rig = {
    server: datadog,
    now: Date.parse("2025-07-16T10:00:00.000Z"),
    sink(more = {}, overrides = {}) {
      const definition = datadogSink({
        allowInsecureEndpoint: true,
        ...(transport === undefined ? {} : { transport }),
      });
      const given = {
        url,
        apiUrl: url,
        apiKey: secret(apiKey),
        ...(ca !== undefined && trusting ? { ca } : {}),
        ...options,
        ...more,
      };
      const clock = { now: () => rig.now, after: () => () => {} };
      return definition.create(given, sinkContext({ clock, ...overrides }));
    },
    [Symbol.asyncDispose]: () => datadog[Symbol.asyncDispose](),
  };
  return rig;
}

/** The destination of the kit. Each chunk is delivered at the time of its last event: what its age does is tested apart. */
export function harness(rigOptions: RigOptions): SinkHarness {
  return {
    faults: ["busy", "unavailable", "reset", "hang", "slow", "lost_reply", "denied", "refuses"],
    secrets: [apiKey],
    async open() {
      const rig = await startRig(rigOptions);
      return {
        create(overrides = {}) {
          const { timeoutMs, clock: _clock, ...rest } = overrides;
          const timeouts = timeoutMs === undefined ? {} : { timeouts: { requestMs: timeoutMs } };
          const sink = rig.sink(timeouts, rest);
          return {
            ...sink,
            deliver(chunk: Chunk, context: DeliveryContext) {
              rig.now = chunk.latest;
              return sink.deliver(chunk, context);
            },
          };
        },
        received: () => receivedFrom(rig.server),
        script(faults) {
          rig.server.script(faults.map((fault) => datadogFault(fault)).filter((fault) => fault !== undefined));
        },
        [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
      };
    },
  };
}

/** Each accepted request with events as a batch. Logs of the sink's own are no events. */
export function receivedFrom(server: DatadogServer): readonly ReceivedBatch[] {
  const batches: ReceivedBatch[] = [];
  for (const [number, request] of server.requests.entries()) {
    if (request.logs === 0) continue;
    const logs = server.logs.filter((log) => log.request === number && log.log["message"] !== testAction);
    if (logs.length === 0) continue;
    batches.push({
      name: `request ${number}`,
      bodyBytes: request.body.length,
      events: logs.map(({ log, raw }) => {
        const { id, sequence } = log["audit"] as { readonly id: string; readonly sequence: number };
        return { id, sequence, bytes: raw };
      }),
    });
  }
  return batches;
}
