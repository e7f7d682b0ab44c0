import type { Clock, Random } from "./clock.ts";
import { HeadgateError, isHeadgateError } from "./errors.ts";
import type { Logger } from "./logger.ts";
import type { Sink, SinkDefinition, SinkFailure } from "./sink.ts";
import type { StreamRecord } from "./store.ts";
import { holdsSecret, openedOptions, rotatedOptions, sealedOptions, storableOptions } from "./stream-options.ts";
import type { Vault } from "./vault.ts";

/** What of a stream decides on its sink. */
type SinkOwner = Pick<StreamRecord, "id" | "organization" | "sink">;

/** Sinks by type, and the options of streams in both of their forms: live, and as the store keeps them. */
export interface StreamSinks {
  /** @throws `sink_unknown` */
  definitionOf(type: string): SinkDefinition;
  /** @throws `sink_unknown`, `sink_options_invalid` */
  make(stream: SinkOwner, options: object): Sink;
  /** A record's sink, or why it cannot be made. */
  sinkOf(record: StreamRecord): Promise<Sink | SinkFailure>;
  /** The options that a record's sink is made with. @throws `sink_options_invalid`, `secret_unreadable`, `secrets_unavailable`, `key_unavailable` */
  optionsOf(record: StreamRecord): Promise<object>;
  /** Options as the store keeps them. @throws `secrets_unavailable`, `key_unavailable` */
  stored(stream: SinkOwner, options: object, isDeclared: boolean): Promise<StreamRecord["options"]>;
  /** A record's options with their secrets under the key that seals now; the same object where nothing changes. @throws `secrets_unavailable`, `secret_unreadable`, `key_unavailable` */
  rotated(record: StreamRecord): Promise<StreamRecord["options"]>;
  /** Remembers a declaration's options, secrets and all: the store keeps them redacted. */
  declare(stream: SinkOwner, options: object): void;
  forget(id: string): void;
}

export function createStreamSinks({
  sinks,
  clock,
  random,
  logger,
  vault,
}: {
  readonly sinks: readonly SinkDefinition[];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly vault: Vault | undefined;
}): StreamSinks {
  const definitions = new Map<string, SinkDefinition>(sinks.map((sink) => [sink.type, sink]));
  const declared = new Map<string, { readonly owner: SinkOwner; readonly options: object }>();

  function definitionOf(type: string): SinkDefinition {
    const definition = definitions.get(type);
    if (definition !== undefined) return definition;
    throw new HeadgateError(
      "sink_unknown",
      `There is no sink "${type.slice(0, 64)}" (known: ${[...definitions.keys()].join(", ")}).`,
    );
  }

  function make({ id, organization, sink }: SinkOwner, options: object): Sink {
    return definitionOf(sink).create(options, { stream: id, organization, clock, random, logger });
  }

  async function optionsOf(record: StreamRecord): Promise<object> {
    if (!record.declared) return openedOptions(record.options, vault, sealedFor(record));
    const live = declared.get(record.id);
    if (live?.owner.organization === record.organization && live.owner.sink === record.sink) return live.options;
    throw new HeadgateError(
      "sink_options_invalid",
      `The stream "${record.id}" was declared by a configuration that is not loaded.`,
      { hint: "Start with the configuration file that declares it, or delete the stream." },
    );
  }

  return {
    definitionOf,
    make,
    optionsOf,

    async sinkOf(record) {
      try {
        return make(record, await optionsOf(record));
      } catch (error) {
        // One stream that cannot be made must not keep the others from starting.
        if (isHeadgateError(error))
          return { code: error.code, message: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
        const name = error instanceof Error ? error.name : typeof error;
        return { code: "internal", message: `The ${record.sink} sink could not be made (${name}).` };
      }
    },

    async stored(stream, options, isDeclared) {
      const names = definitionOf(stream.sink).secretOptions ?? [];
      if (isDeclared || !holdsSecret(options, names)) return storableOptions(options, names);
      if (vault !== undefined) return sealedOptions(options, names, vault, sealedFor(stream));
      throw new HeadgateError(
        "secrets_unavailable",
        `The options of stream "${stream.id}" hold a secret, and there is no key to seal it with.`,
        { hint: "Configure a key for secrets, or declare the stream from a configuration with streams.declare()." },
      );
    },

    async rotated(record) {
      if (vault === undefined)
        throw new HeadgateError("secrets_unavailable", "There is no key to seal secrets with.", {
          hint: "Configure a key for secrets.",
        });
      return rotatedOptions(record.options, vault, sealedFor(record));
    },

    declare(owner, options) {
      declared.set(owner.id, { owner, options });
    },
    forget(id) {
      declared.delete(id);
    },
  };
}

/** What a stream's secrets are sealed for: in another stream's options they do not open. */
function sealedFor({ id, organization }: Pick<StreamRecord, "id" | "organization">): string {
  return JSON.stringify(["stream", organization, id]);
}
