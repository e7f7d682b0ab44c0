import {
  createWireReader,
  HeadgateError,
  isHeadgateError,
  silentLogger,
  systemClock,
  type Clock,
  type Logger,
  type Mapping,
  type Preparer,
  type Store,
} from "@headgate/core";
import { createIntake, type Intake } from "./intake.ts";
import type {
  AppendPrepared,
  IncompleteLine,
  RunSourceOptions,
  Source,
  SourceProgress,
  SourceSummary,
} from "./source.ts";
import { rejectedLabel } from "./rejected-label.ts";
import { readFiles } from "./read-files.ts";
import { createInputReader, type InputReader } from "./read-input.ts";

/** Which file to read, and whose events are in it. */
export interface FileSourceOptions {
  /** Absolute path of an NDJSON file, plain or gzip (told by its first bytes), or `-` for standard input. */
  readonly path: string;
  /**
   * Whose events these are: one organization, or the path in the record that names it.
   * @default each event's own `organization.id`; a mapping needs one of the other two
   */
  readonly organization?: string | { readonly from: string };
  /** How foreign records become events. @default none: the lines are events of Headgate's schema */
  readonly mapping?: Mapping;
  /** Goes on with what is appended later, also after the file was rotated. @default false */
  readonly follow?: boolean;
  /** Longer lines go to quarantine. @default 16 MiB */
  readonly maxLineBytes?: number;
  /** How often a followed file is looked at, in ms, beside the system's own hints. @default 500 */
  readonly pollMs?: number;
  /** What to read for `-`. @default process.stdin */
  readonly input?: AsyncIterable<Uint8Array>;
}

/** What a file source works with. */
export interface FileSourceContext {
  readonly store: Pick<Store, "cursors" | "quarantine">;
  readonly append: AppendPrepared;
  readonly preparer: Preparer;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/**
 * A source that reads NDJSON from a file or from standard input. Lines become events in batches, in their order; a line
 * that cannot become one goes to quarantine with its number and the reason, and the rest goes on. Blank lines are
 * skipped.
 *
 * Where a file has been read up to is saved after the appends it covers: the next run goes on there. Lines that were
 * appended but not yet covered are read again and recognised by their ids: an event's own, or one derived from the
 * path, the place and the bytes. Standard input can be resumed within the process only, by running the same source
 * again, which holds what the store refused. Its ids are derived from line number and bytes, so the same input piped in
 * twice is stored once, and so is one same line at the same place of two inputs.
 *
 * @throws `config_invalid` (see `createWireReader`)
 * @example
 * ```ts
 * const source = fileSource({ path: "/var/log/audit.ndjson", organization: "org_1", follow: true }, {
 *   store, append: headgate.appendPrepared, preparer: createPreparer(),
 * });
 * const { accepted, rejected } = await source.run({ signal });
 * ```
 */
export function fileSource(options: FileSourceOptions, context: FileSourceContext): Source {
  const { path, organization, mapping, follow = false, maxLineBytes = 16 * 1024 * 1024, pollMs = 500 } = options;
  const { store, append, preparer, logger = silentLogger, clock = systemClock } = context;
  const standardInput = path === "-";
  const name = standardInput ? "standard input" : path;
  const reader = createWireReader({
    preparer,
    ...(mapping === undefined ? {} : { mapping }),
    ...(organization === undefined ? {} : { organization }),
  });

  let total: SourceSummary | undefined;
  const newIntake = (): Intake =>
    createIntake({
      reader,
      append,
      store,
      clock,
      logger,
      maxLineBytes,
      organization: typeof organization === "string" ? organization : "",
      ...(total !== undefined && { before: total }),
    });
  /** Made once: what was read of standard input and is not stored yet, the next run has to store. */
  let standard: { readonly intake: Intake; readonly reader: InputReader } | undefined;
  function standardReader(): NonNullable<typeof standard> {
    if (standard !== undefined) return standard;
    const intake = newIntake();
    return (standard = {
      intake,
      reader: createInputReader(options.input ?? process.stdin, { intake, maxLineBytes }),
    });
  }

  return {
    name,
    get resumable() {
      return standard?.reader.broken !== true;
    },
    async run(run: RunSourceOptions = {}) {
      const { signal, once = false, onProgress } = run;
      // A file is read again from its cursor, so that a new intake begins with nothing in hand.
      const intake = standardInput ? standardReader().intake : newIntake();
      const progress = (extent: Pick<SourceProgress, "bytes" | "totalBytes">): void =>
        onProgress?.({ ...intake.summary(), ...extent });
      let incomplete: IncompleteLine | undefined;
      const onIncomplete = (line: IncompleteLine): void => void (incomplete = line);
      const task = { intake, maxLineBytes, progress, logger, ...(signal === undefined ? {} : { signal }) };
      try {
        if (standardInput) await standardReader().reader.read(task);
        else {
          // Two sources may read one file for different organizations: each has its own place in it.
          const key = `file:${path}:${JSON.stringify(organization ?? null)}`;
          const { cursors } = store;
          const label = await rejectedLabel(cursors, path, organization);
          await readFiles(path, { ...task, onIncomplete, cursors, key, label, follow: follow && !once, pollMs, clock });
        }
      } catch (error) {
        throw explained(error, name);
      } finally {
        total = intake.summary();
      }
      return { ...total, ...(incomplete !== undefined && { incomplete }) };
    },
  };
}

const reasons: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  ENOENT: ["does not exist", "Check the path; a source that follows would wait for it."],
  EACCES: ["may not be read by this user", "Give the user that runs Headgate the right to read it."],
  EPERM: ["may not be read by this user", "Give the user that runs Headgate the right to read it."],
  EISDIR: ["is a folder", "Name a file in it."],
  Z_BUF_ERROR: [
    "ends in the middle of its gzip data",
    "It was cut off, or is still being written; run again when it is whole.",
  ],
  Z_DATA_ERROR: ["holds damaged gzip data", "Restore the file; what was read before the damage is stored."],
};

function explained(error: unknown, name: string): unknown {
  if (isHeadgateError(error)) return error;
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  const [why, hint] = reasons[String(code)] ?? [];
  if (why === undefined || hint === undefined) {
    if (typeof code !== "string") return error;
    return new HeadgateError("source_failed", `The source ${name} cannot be read (${code}).`, { cause: error });
  }
  return new HeadgateError("source_failed", `The source ${name} ${why}.`, { hint, cause: error });
}
