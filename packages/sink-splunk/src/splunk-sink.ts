import type { Sink, SinkContext, SinkDefinition } from "@headgate/core";
import { HeadgateError, linkedSignal } from "@headgate/core";
import { deliverer } from "./deliver.ts";
import { splunkEncoding } from "./encoding.ts";
import { endpoints } from "./endpoints.ts";
import { splunkOptionsFromConfig } from "./from-config.ts";
import { httpTransport } from "./http-transport.ts";
import type { SplunkOperatorOptions, SplunkSinkOptions } from "./options.ts";
import { splunkOptionsSchema } from "./schema.ts";
import { endpointName, resolveSettings, type SplunkSettings } from "./settings.ts";
import { splunkCustomer } from "./setup/customer.ts";
import { testEvent } from "./test-event.ts";
import type { HecTransport } from "./transport.ts";
import { verifyStream } from "./verify.ts";

/** LF between envelopes: the collector wants them back to back, with or without white space. */
const framing = { prefix: new Uint8Array(0), separator: Uint8Array.of(0x0a), suffix: new Uint8Array(0) };

/** Beside one to each endpoint: for an earlier batch, for the mode of acknowledgement, for a test event, and one more that a poll may have begun. */
const furtherRequests = 4;

/**
 * The Splunk sink, for `createHeadgate`: events to the HTTP Event Collector, acknowledged by an indexer where the token
 * is set up for it.
 *
 * @example
 * ```ts
 * const headgate = createHeadgate({ store, sinks: [splunkSink()] });
 * ```
 */
export function splunkSink(operator: SplunkOperatorOptions = {}): SinkDefinition<"splunk", SplunkSinkOptions> {
  const { allowedAddresses = [], transport: factory = httpTransport } = operator;

  const insecure = (options: SplunkSinkOptions): boolean =>
    options.allowInsecureEndpoint === true || operator.allowInsecureEndpoint === true;

  return {
    type: "splunk",
    secretOptions: ["token"],
    schema: splunkOptionsSchema,
    fromConfig(options, rules) {
      const problems: string[] = [];
      const camel = splunkOptionsFromConfig(options, rules, (problem) => void problems.push(problem));
      const allow = rules.allowedAddresses ?? allowedAddresses;
      resolveSettings(camel, { stream: undefined, allow, insecure: insecure(camel), paths: factory.paths, problems });
      return camel;
    },
    customer: splunkCustomer({ allow: allowedAddresses, paths: factory.paths }),
    location({ url, index = "" }) {
      const names = (typeof url === "string" ? [url] : url).map(endpointName);
      return `${names.sort().join(" ")} ${index}`;
    },
    create(options, context) {
      const { stream } = context;
      const settings = resolveSettings(options, {
        stream,
        allow: allowedAddresses,
        insecure: insecure(options),
        paths: factory.paths,
      });
      const transport = factory({ ...settings, allow: allowedAddresses, logger: context.logger });
      return createSplunkSink(settings, context, transport);
    },
  };
}

function createSplunkSink(settings: SplunkSettings, context: SinkContext, transport: HecTransport): Sink {
  const { clock, organization, stream } = context;
  const { connectMs, requestMs, replyMs, ackMs } = settings.timeouts;
  const codec = splunkEncoding(settings.envelope, organization);
  const reached = endpoints(settings.endpoints, transport, clock);
  const testBody = (): Uint8Array => testEvent(settings.envelope, organization, clock.now());
  const asksAcks = transport.paths.includes("ack");
  const deliver = deliverer({ settings, endpoints: reached, clock, asksAcks, bodyOf: codec.bodyOf, testBody });
  const closed = new AbortController();
  return {
    name: "splunk",
    acknowledgement: "accepted",
    partition: "none",
    host: settings.endpoints[0].host,
    limits: {
      ...settings.limits,
      concurrency: 1,
      timeoutMs: ackMs + (settings.endpoints.length + furtherRequests) * (connectMs + requestMs + replyMs),
    },
    // Several requests' worth, so that a backlog is not sealed request by request.
    flush: { maxAgeMs: 5000, maxBytes: 4 * settings.limits.maxBytes, maxEvents: 10 * settings.limits.maxEvents },
    encoding: codec.encoding,
    canEncode: codec.canEncode,
    framing,
    digests: "events",
    encode: codec.encode,
    takesFormats: true,
    async deliver(chunk, delivery) {
      closed.signal.throwIfAborted();
      using either = linkedSignal(delivery.signal, closed.signal);
      return await deliver(chunk, { ...delivery, signal: either.signal });
    },
    async *verify({ signal }) {
      closed.signal.throwIfAborted();
      using either = linkedSignal(signal, closed.signal);
      yield* verifyStream({ settings, transport, endpoints: reached.all, clock, testBody }, either.signal);
    },
    async [Symbol.asyncDispose]() {
      closed.abort(new HeadgateError("sink_closed", `The Splunk sink of stream "${stream}" has been disposed of.`));
      await transport[Symbol.asyncDispose]();
    },
  };
}
