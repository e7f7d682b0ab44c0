import type { SinkDefinition } from "@headgate/core";
import { fileSink } from "@headgate/sink-file";
import { datadogSink } from "@headgate/sink-datadog";
import { s3Sink } from "@headgate/sink-s3";
import { splunkSink } from "@headgate/sink-splunk";

/** Every kind of destination that a configuration file can name, by its `sink:`. `allowedAddresses` is the operator's list. */
export function runnerSinks(allowedAddresses: readonly string[] = []): readonly SinkDefinition[] {
  const operator = { allowedAddresses };
  return [s3Sink(operator), splunkSink(operator), datadogSink(operator), fileSink()] as readonly SinkDefinition[];
}

/** The same, with public addresses alone: for what connects to nothing. */
export const builtInSinks: readonly SinkDefinition[] = runnerSinks();
