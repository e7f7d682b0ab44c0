import type { Catalog } from "./catalog.ts";
import { type Clock, systemClock } from "./clock.ts";
import { HeadgateError } from "./errors.ts";
import { mintEventId } from "./event-id.ts";
import { eventStub } from "./event-line.ts";
import { newEventSchema } from "./event-schema.ts";
import type { NewEvent } from "./event.ts";
import { member, type PlainLine } from "./plain-line.ts";
import { type PlainAdditions, plainStubWriter } from "./plain-stub.ts";
import type { PreparedEvent } from "./journal.ts";
import { findUnfaithful } from "./json-value.ts";
import { type Logger, silentLogger } from "./logger.ts";
import { compileSchema, type SchemaProblem } from "./schema-check.ts";
import { formatTimestamp, hourMs, inRange, isStoredTimestamp, parseTimestamp } from "./time.ts";

/** How a preparer treats events. */
export interface PreparerOptions {
  readonly catalog?: Catalog;
  /** What happens to an action that the catalog does not know. @default "allow" */
  readonly unknownActions?: "allow" | "warn" | "refuse";
  /** Events that occurred longer ago are refused, in ms. @default none: a file or a backfill holds history */
  readonly maxAgeMs?: number;
  /** Events further ahead of the clock are refused, in ms. @default 1 h */
  readonly maxAheadMs?: number;
  /** Longest serialised event in bytes. @default 16 MiB */
  readonly maxEventBytes?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Mints ids for events that bring none. @default a UUIDv7 */
  readonly mintId?: (now: number) => string;
}

/** An event as it comes over the wire or out of code: `NewEvent`, or the wire form without `sequence`. */
export interface IncomingEvent extends NewEvent {
  readonly schema_version?: 1;
  readonly organization?: { readonly id: string; readonly name?: string };
}

/** How one event came in. */
export interface Incoming {
  /** Where the event stands, for error messages: `events[3]`, `line 17`. @default "event" */
  readonly at?: string;
  /** Metadata that is JSON text already, of an object, without line breaks: kept to the byte in place of `metadata`. */
  readonly metadataJson?: string;
  /** The values came out of `JSON.parse`, so nothing in them can be lost by writing them as JSON again. @default false */
  readonly parsed?: boolean;
  /** The id was not chosen by the caller but derived, and may repeat: look it up. @default whether the event has an id */
  readonly derivedId?: string;
}

/** Validates, completes and serialises events. */
export interface Preparer {
  /**
   * @throws `event_invalid` naming each JSON path at fault and what would be accepted, `event_too_large`,
   * `action_unknown`, `organization_invalid`
   */
  prepare(organization: string, event: IncomingEvent, incoming?: Incoming): PreparedEvent;
  /**
   * The same for a line that a plain-line reader has found valid, without parsing it. Undefined where that does not do:
   * then {@link Preparer.prepare} decides, and says why.
   */
  preparePlain(
    organization: string,
    line: Buffer,
    plain: PlainLine,
    derivedId?: () => string,
  ): PreparedEvent | undefined;
}

const check = compileSchema(newEventSchema);
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\u0000-\u001f\u007f]/;

/** @throws `organization_invalid` unless the id is 1–256 characters without control characters */
export function assertOrganization(organization: string): void {
  if (
    typeof organization !== "string" ||
    organization.length === 0 ||
    organization.length > 256 ||
    control.test(organization) ||
    !organization.isWellFormed()
  ) {
    throw new HeadgateError(
      "organization_invalid",
      "An organization id must be 1 to 256 characters without control characters.",
    );
  }
}

/**
 * Makes a preparer: the one way into the journal. What comes out is the line that is stored and delivered.
 *
 * @example
 * ```ts
 * const preparer = createPreparer({ unknownActions: "allow" });
 * const event = preparer.prepare("org_1", { action: "user.login", actor: { type: "user", id: "u_1" } });
 * ```
 */
export function createPreparer(options: PreparerOptions = {}): Preparer {
  const { catalog, unknownActions = "allow", maxAgeMs = Number.POSITIVE_INFINITY, maxAheadMs = hourMs } = options;
  const {
    maxEventBytes = 16 * 1024 * 1024,
    clock = systemClock,
    logger = silentLogger,
    mintId = mintEventId,
  } = options;
  const warned = new Set<string>();
  let trusted = "";

  function occurredAt(value: string | Date | undefined, now: number, at: string): number {
    if (value === undefined) return now;
    const instant = typeof value === "string" ? parseTimestamp(value) : inRange(value.getTime());
    if (instant === undefined) {
      throw invalid(at, [
        { path: "$.occurred_at", problem: "must be an RFC 3339 timestamp such as 2025-07-16T09:52:30.123Z" },
      ]);
    }
    if (instant > now + maxAheadMs) {
      throw invalid(at, [
        {
          path: "$.occurred_at",
          problem: `is more than ${minutes(maxAheadMs)} ahead of the clock (${formatTimestamp(now)}); check the sender's clock`,
        },
      ]);
    }
    if (instant < now - maxAgeMs) {
      throw invalid(at, [{ path: "$.occurred_at", problem: `is older than the retention of ${minutes(maxAgeMs)}` }]);
    }
    return instant;
  }

  function categoryOf(event: IncomingEvent, at: string): string | undefined {
    if (catalog === undefined) return event.category;
    const definition = Object.hasOwn(catalog.actions, event.action) ? catalog.actions[event.action] : undefined;
    if (definition !== undefined) return event.category ?? definition.category;
    if (unknownActions === "refuse") {
      throw new HeadgateError("action_unknown", `${at}: the catalog does not know the action "${event.action}".`, {
        hint: "Add it to the catalog, or allow unknown actions.",
      });
    }
    if (unknownActions === "warn" && warned.size < 1000 && !warned.has(event.action)) {
      warned.add(event.action);
      logger.warn("an action that the catalog does not know", { action: event.action });
    }
    return event.category;
  }

  const writePlain = plainStubWriter();

  /** The text of a string member of a plain line, without its quotes; undefined where there is none. */
  function plainText(line: Buffer, { spans }: PlainLine, which: number): string | undefined {
    const from = spans[2 * which] as number;
    return from < 0 ? undefined : line.toString("utf8", from + 1, (spans[2 * which + 1] as number) - 1);
  }

  return {
    preparePlain(organization, line, plain, derivedId) {
      const { spans } = plain;
      if (organization !== trusted) {
        assertOrganization(organization);
        trusted = organization;
      }
      const now = clock.now();
      const given = plainText(line, plain, member.occurred_at);
      const instant = given === undefined ? now : parseTimestamp(given);
      if (instant === undefined || instant > now + maxAheadMs || instant < now - maxAgeMs) return undefined;
      if (given !== undefined && !isStoredTimestamp(given)) return undefined;
      if (line.length > maxEventBytes - 1024) return undefined;
      let category: string | undefined;
      if (catalog !== undefined) {
        const action = plainText(line, plain, member.action) as string;
        const definition = Object.hasOwn(catalog.actions, action) ? catalog.actions[action] : undefined;
        if (definition === undefined ? unknownActions !== "allow" : catalog.metadataCheck(action) !== undefined)
          return undefined;
        if (spans[2 * member.category] === -1) category = definition?.category;
      }
      const own = plainText(line, plain, member.id);
      const id = own ?? derivedId?.();
      const stamped = id ?? mintId(now);
      const additions: { -readonly [K in keyof PlainAdditions]: PlainAdditions[K] } = {};
      if (own === undefined) additions.id = JSON.stringify(stamped);
      if (given === undefined) additions.occurredAt = `"${formatTimestamp(instant)}"`;
      if (spans[2 * member.organization] === -1) additions.organization = `{"id":${JSON.stringify(organization)}}`;
      if (category !== undefined) additions.category = JSON.stringify(category);
      return { id: stamped, idGiven: id !== undefined, occurredAt: instant, stub: writePlain(line, plain, additions) };
    },
    prepare(organization, event, incoming = {}) {
      const at = incoming.at ?? "event";
      if (organization !== trusted) {
        assertOrganization(organization);
        trusted = organization;
      }
      const problems = problemsOf(event, incoming);
      if (problems !== undefined) throw invalid(at, problems);
      if (event.organization !== undefined && event.organization.id !== organization) {
        throw invalid(at, [
          { path: "$.organization.id", problem: `must be the organization appended to, "${organization}"` },
        ]);
      }
      const now = clock.now();
      const given = event.occurred_at;
      const instant = occurredAt(given, now, at);
      const category = categoryOf(event, at);
      const metadataProblems = catalog?.metadataCheck(event.action)?.(event.metadata ?? {});
      if (metadataProblems !== undefined) {
        throw invalid(
          at,
          metadataProblems.map(({ path, problem }) => ({ path: `$.metadata${path.slice(1)}`, problem })),
        );
      }
      const id = event.id ?? incoming.derivedId;
      const stamped = id ?? mintId(now);
      const name = event.organization?.name ?? event.organization_name;
      const written = typeof given === "string" && isStoredTimestamp(given) ? given : formatTimestamp(instant);
      // Several times quicker than a TextEncoder; the text has no lone surrogates, because JSON escapes them.
      const stub = Buffer.from(
        eventStub({
          id: stamped,
          occurredAt: written,
          organization: { id: organization, name },
          action: event.action,
          category,
          outcome: event.outcome,
          actor: event.actor,
          targets: event.targets,
          context: event.context === undefined ? undefined : json(event.context, at),
          metadata: incoming.metadataJson ?? (event.metadata === undefined ? undefined : json(event.metadata, at)),
        }),
      );
      if (stub.length > maxEventBytes) {
        throw new HeadgateError(
          "event_too_large",
          `${at}: the event has ${stub.length} bytes, more than the ${maxEventBytes} that are taken.`,
          {
            hint: "Put large content elsewhere and refer to it.",
          },
        );
      }
      return { id: stamped, idGiven: id !== undefined, occurredAt: instant, stub };
    },
  };
}

function problemsOf(event: IncomingEvent, incoming: Incoming): readonly SchemaProblem[] | undefined {
  if (typeof event !== "object" || event === null) return [{ path: "$", problem: "must be an object" }];
  if (incoming.parsed === true && event.organization_name === undefined) return checkEvent(event);
  let asJson = true;
  for (const [name, value] of Object.entries(event) as [string, unknown][]) {
    // What JSON leaves out or writes otherwise: the checked copy below is without it.
    if (value === undefined || name === "organization_name" || value instanceof Date) asJson = false;
    if (value === undefined || (name === "occurred_at" && value instanceof Date)) continue;
    const problem = findUnfaithful(value, `$.${name}`, 1);
    if (problem !== undefined) return [problem];
  }
  return checkEvent(asJson ? event : jsonForm(event));
}

function jsonForm({ organization_name: _name, occurred_at: occurred, ...rest }: IncomingEvent): object {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return occurred === undefined || occurred instanceof Date ? given : { ...given, occurred_at: occurred };
}

function checkEvent(event: object): readonly SchemaProblem[] | undefined {
  const problems = check(event);
  if (problems === undefined || !("sequence" in event)) return problems;
  return [
    { path: "$.sequence", problem: "is given at append; leave it out" },
    ...problems.filter(({ problem }) => !problem.includes('"sequence"')),
  ];
}

function json(value: object, at: string): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new HeadgateError("event_invalid", `${at}: the event is nested too deeply to be written as JSON.`, { cause });
  }
}

function invalid(at: string, problems: readonly SchemaProblem[]): HeadgateError {
  const shown = problems.slice(0, 5).map(({ path, problem }) => `${path} ${problem}`);
  const more = problems.length > 5 ? `; and ${problems.length - 5} more` : "";
  return new HeadgateError("event_invalid", `${at}: ${shown.join("; ")}${more}.`);
}

function minutes(ms: number): string {
  const [unit, size] = ms >= 86_400_000 ? ["d", 86_400_000] : ms >= hourMs ? ["h", hourMs] : ["min", 60_000];
  return `${Math.round((ms / size) * 10) / 10} ${unit}`;
}
