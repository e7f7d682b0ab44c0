import {
  type Clock,
  createWireReader,
  HeadgateError,
  type Logger,
  type Mapping,
  type Preparer,
  type Random,
  type RetryPolicy,
  silentLogger,
  sleep,
  type Store,
  systemClock,
} from "@headgate/core";
import type { HttpClient } from "@headgate/egress";
import type { Page } from "./api-verdict.ts";
import type { AuditApi } from "./audit-api.ts";
import { createIntake } from "./intake.ts";
import { createPageReader } from "./page-reader.ts";
import { pollPlace } from "./poll-place.ts";
import { seenRecords } from "./seen-records.ts";
import type { AppendPrepared, RunSourceOptions, Source, SourceSummary } from "./source.ts";

/** Which audit log to poll, and whose events are in it. */
export interface PollSourceOptions {
  readonly api: AuditApi;
  /** Asked before each request. @throws `source_denied` */
  readonly token: () => Promise<string>;
  readonly organization: string | { readonly from: string };
  /** How records become events. @default the one of `api` */
  readonly mapping?: Mapping;
  /** From the end of the log to the next look, in ms. @default 60_000 */
  readonly everyMs?: number;
  /** How far back the very first run reads, in ms. @default 86_400_000 */
  readonly sinceMs?: number;
  /** How late records may come and still be found, in ms: so much is read again. @default 600_000 */
  readonly overlapMs?: number;
}

/** What a poll source works with. */
export interface PollSourceContext {
  readonly store: Pick<Store, "cursors" | "quarantine">;
  readonly append: AppendPrepared;
  readonly preparer: Preparer;
  readonly client: Pick<HttpClient, "send">;
  readonly retry?: RetryPolicy;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Longer records go to quarantine: the journal's lines are no longer than those of a file. */
const maxRecordBytes = 16 * 1024 * 1024;
/** So often it is told how far it got while there is more to read. */
const tellEveryMs = 10_000;

/**
 * A source that reads the audit log of a service, page by page, and looks again for what is new. Records become events by
 * the mapping; one that cannot goes to quarantine, known by what it says, and the rest goes on.
 *
 * How far the log has been read is saved after the appends that it covers. Each start, and each look at a log without an
 * endless list of pages, begins `overlapMs` before that: records may show up late, and out of order. What is read again is
 * known by its id, the record's own or one derived from what it says.
 *
 * @throws `config_invalid` (see `createWireReader`)
 * @example
 * ```ts
 * const source = pollSource(
 *   { api: githubAudit({ url: new URL("https://api.github.com"), org: "acme", include: "all" }), token, organization: "org_1" },
 *   { store, append: headgate.appendPrepared, preparer: createPreparer(), client: httpClient() },
 * );
 * ```
 */
export function pollSource(options: PollSourceOptions, context: PollSourceContext): Source {
  const { api, organization, everyMs = 60_000, sinceMs = 86_400_000, overlapMs = 600_000 } = options;
  const { store, append, preparer, client, retry, random = Math.random } = context;
  const { logger = silentLogger, clock = systemClock } = context;
  const { name } = api;
  const key = `poll:${api.identity}:${JSON.stringify(organization)}`;
  const reader = createWireReader({ preparer, mapping: options.mapping ?? api.mapping, organization });
  const pages = createPageReader({ ...options, client, clock, random, logger, ...(retry && { retry }) });
  const seen = seenRecords();
  let total: SourceSummary | undefined;

  return {
    name,
    async run({ signal = new AbortController().signal, once = false, onProgress }: RunSourceOptions = {}) {
      const intake = createIntake({
        reader,
        append,
        store,
        clock,
        logger,
        maxLineBytes: maxRecordBytes,
        organization: typeof organization === "string" ? organization : "",
        ...(total !== undefined && { before: total }),
      });
      intake.begin({ identity: key, source: name, by: "content", unit: "record" });
      const { keepsMs } = api;
      const place = await pollPlace(store.cursors, key, {
        sinceMs,
        overlapMs,
        clock,
        ...(keepsMs !== undefined && { keepsMs }),
      });
      let toldAt = clock.now();
      let told = total?.read ?? 0;
      let bytes = 0;

      /** Hands a page on, without what is known. `reached`: what the log has been read up to with it. */
      async function take(page: Page, reached: (earliest: number | undefined) => number | undefined): Promise<void> {
        let earliest: number | undefined;
        const taken: [Buffer, number][] = [];
        for (const [index, record] of page.records.entries()) {
          const at = timeOf(api, record);
          if (at !== undefined) earliest = Math.min(earliest ?? at, at);
          if (seen.has(record)) continue;
          // A list without end repeats nothing while it is followed.
          if (!api.endless) taken.push([record, at ?? page.servedAt ?? clock.now()]);
          intake.take(
            { content: record, length: record.length, tooLong: record.length > maxRecordBytes, end: 0 },
            0,
            index + 1,
          );
        }
        bytes += page.bytes;
        const size = bytes;
        const instant = reached(earliest);
        await intake.commit(() => {
          for (const [record, at] of taken) seen.add(record, at);
          if (instant !== undefined) place.reach(instant);
          onProgress?.({ ...intake.summary(), bytes: size });
        });
        await place.save("ifDue");
        // What is older is not asked for again. Services compare whole seconds.
        seen.forgetBefore(place.begin() - 1000);
        if (clock.now() - toldAt >= tellEveryMs) tell("a source is catching up");
      }

      function tell(message: string): void {
        toldAt = clock.now();
        const { read, rejected } = intake.summary();
        if (read === told) return;
        const { upTo } = place;
        const behind = Math.max(0, Math.round((clock.now() - upTo) / 1000));
        const reached = { up_to: new Date(upTo).toISOString(), behind_s: behind };
        logger.info(message, { source: name, new: read - told, rejected, ...reached });
        told = read;
      }

      /** Reads from `url` to the end of the log as it is now. Resolves to where the next look begins. */
      async function round(
        url: URL | undefined,
      ): Promise<{ readonly next: URL | undefined; readonly requests: number }> {
        let servedAt: number | undefined;
        let expired = false;
        let link = url;
        for (let requests = 1; ; requests++) {
          const page = await pages.read(link ?? api.first(place.begin()), link !== undefined, !once, signal);
          if (page === undefined) {
            if (expired) throw refusesLinks(api);
            expired = true;
            logger.warn("a source begins a stretch anew: the service no longer takes its link", { source: name });
            await intake.settle();
            link = undefined;
            continue;
          }
          // Of a list that ends, all that its first page could have had; of one that goes on, all up to the last page.
          servedAt = api.endless ? page.servedAt : (servedAt ?? page.servedAt);
          const ended = page.next === undefined || (api.endless && page.records.length === 0);
          await take(page, (earliest) => {
            if (ended && servedAt !== undefined) return servedAt;
            return earliest === undefined ? undefined : Math.min(earliest, servedAt ?? clock.now());
          });
          link = page.next;
          if (ended) return { next: api.endless ? link : undefined, requests };
        }
      }

      try {
        // However long the first request fails: what came since this start is read.
        await place.save();
        for (let link: URL | undefined; ;) {
          const { next, requests } = await round(link);
          link = next;
          await intake.settle();
          await place.save();
          tell("a source has been read to its present end");
          if (once) break;
          await sleep(clock, pauseAfter(requests), signal);
        }
      } catch (error) {
        // What was read before is good. If it cannot be stored either, the first error is the one to tell.
        const kept = intake.settle().then(() => place.save());
        await kept.catch(() => {});
        if (!signal.aborted) throw error;
      } finally {
        total = intake.summary();
      }
      return { ...total };
    },
  };

  /** So long that the requests of such looks spread over what the service allows until there are more. */
  function pauseAfter(requests: number): number {
    const { limit } = pages;
    if (limit === undefined || limit.remaining === 0) return everyMs;
    return Math.max(everyMs, (requests * limit.resetMs) / limit.remaining);
  }
}

function timeOf(api: AuditApi, record: Buffer): number | undefined {
  try {
    return api.timeOf(JSON.parse(record.toString()) as Readonly<Record<string, unknown>>);
  } catch {
    // The reader says what is wrong with it.
    return undefined;
  }
}

function refusesLinks({ service }: AuditApi): HeadgateError {
  return new HeadgateError("source_failed", `${service} refuses the links to further pages that it gives itself.`, {
    hint: "Check api.url, and that no proxy changes requests on the way.",
  });
}
