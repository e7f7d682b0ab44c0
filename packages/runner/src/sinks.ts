import type { SinkDefinition } from "@headgate/core";
import { fileSink } from "@headgate/sink-file";
import { s3Sink } from "@headgate/sink-s3";

/** Every kind of destination that a configuration file can name, by its `sink:`. */
export const builtInSinks: readonly SinkDefinition[] = [s3Sink(), fileSink()] as readonly SinkDefinition[];
