import type { Sink, SinkContext, SinkDefinition } from "@headgate/core";
import { HeadgateError } from "@headgate/core";
import { deliverer } from "./deliver.ts";
import { freezeEncoding, thawEncoding } from "./encoding.ts";
import { entryWriters } from "./entry.ts";
import { datadogOptionsFromConfig } from "./from-config.ts";
import { arrayFraming, intakeLimits, maxAgeMs } from "./limits.ts";
import type { DatadogOperatorOptions, DatadogSinkOptions } from "./options.ts";
import { datadogOptionsSchema } from "./schema.ts";
import { datadogCustomer } from "./setup/customer.ts";
import { type DatadogSettings, resolveSettings } from "./settings.ts";
import { intakeOf } from "./sites.ts";
import { httpLogsTransport, type LogsTransportFactory, replyBodyMs } from "./transport.ts";
import { verifyStream } from "./verify.ts";

/** Once a chunk's request, once a test log. */
const requestsPerDelivery = 2;

/**
 * The Datadog sink, for `createHeadgate`: events as logs of the account's own, each within what Datadog keeps whole.
 *
 * @example
 * ```ts
 * const headgate = createHeadgate({ store, sinks: [datadogSink()] });
 * ```
 */
export function datadogSink(operator: DatadogOperatorOptions = {}): SinkDefinition<"datadog", DatadogSinkOptions> {
  const { allowedAddresses, transport = httpLogsTransport } = operator;
  const allowance = operator.allowInsecureEndpoint === true ? { allowInsecureEndpoint: true } : {};
  return {
    type: "datadog",
    secretOptions: ["apiKey"],
    schema: datadogOptionsSchema,
    fromConfig(options, rules) {
      const camel = datadogOptionsFromConfig(options, rules);
      resolveSettings({ ...camel, ...allowance }, undefined, rules.allowedAddresses ?? allowedAddresses);
      return camel;
    },
    customer: datadogCustomer(allowedAddresses ?? []),
    // The key tells accounts apart, but it is a secret, and a hash of it would be stored and could be guessed against.
    // So it is site, service and source: two streams of an organization with the same ones would store every event twice.
    location: ({ site = "", url, service = "headgate", source = "headgate" }) =>
      `${url ?? intakeOf(site)} ${service} ${source}`,
    create(options, context) {
      const settings = resolveSettings({ ...options, ...allowance }, context, allowedAddresses);
      return createDatadogSink(settings, context, transport);
    },
  };
}

function createDatadogSink(settings: DatadogSettings, context: SinkContext, factory: LogsTransportFactory): Sink {
  const transport = factory(settings);
  const writerOf = entryWriters();
  const encoding = freezeEncoding(settings.entry);
  const { connectMs, requestMs } = settings.timeouts;
  const deliver = deliverer({ settings, transport, writerOf, clock: context.clock });
  let closed = false;
  const throwIfClosed = (): void => {
    if (!closed) return;
    throw new HeadgateError("sink_closed", `The Datadog sink of stream "${context.stream}" has been disposed of.`);
  };
  return {
    name: "datadog",
    acknowledgement: "accepted",
    partition: "none",
    host: settings.intake.host,
    limits: {
      ...intakeLimits,
      timeoutMs: requestsPerDelivery * (connectMs + requestMs + replyBodyMs),
      // With restamp nothing is too old.
      ...(settings.stale === "quarantine" && { maxEventAgeMs: maxAgeMs }),
    },
    // Several requests' worth, so that a backlog is not sealed request by request.
    flush: { maxAgeMs: 5000, maxBytes: 4 * intakeLimits.maxBytes, maxEvents: 10 * intakeLimits.maxEvents },
    encoding,
    // The cuts of a window are in its plan, so older settings of the same kind of sink end as they began.
    canEncode: (frozen) => thawEncoding(frozen) !== undefined,
    framing: arrayFraming,
    digests: "events",
    takesFormats: true,
    encode: (event, frozen) => writerOf(frozen).entry(event),
    async deliver(chunk, delivery) {
      throwIfClosed();
      delivery.signal.throwIfAborted();
      return await deliver(chunk, delivery);
    },
    verify({ signal }) {
      throwIfClosed();
      return verifyStream({ settings, transport, writer: writerOf(encoding), clock: context.clock }, signal);
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      await transport[Symbol.asyncDispose]();
    },
  };
}
