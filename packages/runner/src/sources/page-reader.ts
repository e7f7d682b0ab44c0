import {
  backoff,
  type Clock,
  defaultRetryPolicy,
  HeadgateError,
  type Logger,
  probeDelay,
  type Random,
  type RetryPolicy,
  sleep,
} from "@headgate/core";
import { type HttpClient, transportResult } from "@headgate/egress";
import { judge, type Page, type Verdict } from "./api-verdict.ts";
import type { AuditApi } from "./audit-api.ts";
import { type RateLimit, rateLimit } from "./rate-limit.ts";

/** What a {@link PageReader} works with. */
export interface PageReaderOptions {
  readonly api: AuditApi;
  readonly client: Pick<HttpClient, "send">;
  /** Asked before each request, so that a token can be renewed. @throws `source_denied` */
  readonly token: () => Promise<string>;
  /** How long to wait after failures. @default core's */
  readonly retry?: RetryPolicy;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Asks for pages, and keeps to the service's limits. */
export interface PageReader {
  /**
   * Reads the page at `url`; `given` says that the URL is a link of the service. Undefined where the service no longer takes
   * its own link. With `patient` it is asked until it answers; without, a refusal is thrown at once, a fault after a few
   * tries. Rejects with the signal's reason.
   * @throws without `patient`: `source_denied`, `source_failed`, or a code of the transport
   */
  read(url: URL, given: boolean, patient: boolean, signal: AbortSignal): Promise<Page | undefined>;
  /** As of the last reply. */
  readonly limit: RateLimit | undefined;
}

/** Tries of one request where nobody waits for the service to recover. */
const impatientTries = 5;
/** "Otherwise, wait for at least one minute before retrying", and exponentially longer: GitHub, see `rate-limit.ts`. */
const limited: RetryPolicy = { baseMs: 60_000, capMs: 3_600_000, blockedMs: 60_000 };

/** Makes a {@link PageReader}. */
export function createPageReader(options: PageReaderOptions): PageReader {
  const { api, client, token, clock, random, logger, retry = defaultRetryPolicy } = options;
  const source = api.name;
  let limit: RateLimit | undefined;
  let notBefore = 0;
  /** What was told last, so that a trouble that lasts is told once. */
  let trouble: string | undefined;

  async function ask(url: URL, given: boolean, signal: AbortSignal): Promise<Verdict> {
    try {
      const headers = { ...api.headers, authorization: api.authorization(await token()) };
      const reply = await client.send({ url, method: "GET", headers, signal });
      const now = clock.now();
      limit = rateLimit(reply.headers, now);
      notBefore = limit?.remaining === 0 ? now + limit.resetMs : 0;
      return judge(reply, api, url, given, now);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof HeadgateError) return { status: "refused", error };
      const result = transportResult(error, api.service);
      if (result === undefined) throw error;
      const { code, message, hint } = result.error;
      const failure = new HeadgateError(code, message, hint === undefined ? {} : { hint });
      return { status: result.status === "blocked" ? "refused" : "failed", error: failure };
    }
  }

  function tell(error: HeadgateError): void {
    if (trouble === error.message) return;
    trouble = error.message;
    const { code, message, hint } = error;
    logger.error("a source cannot be read and is tried again", { source, code, error: message, ...(hint && { hint }) });
  }

  function wait(verdict: Exclude<Verdict, { status: "page" | "expired" }>, failures: number): number {
    if (verdict.status === "refused") return probeDelay(retry, random);
    if (verdict.status === "failed") return backoff(retry, failures, verdict.afterMs, random);
    const ms = verdict.afterMs ?? Math.min(limited.capMs, limited.baseMs * 2 ** (failures - 1));
    // Not all at the same moment, where several sources share the limit.
    return ms + random() * retry.baseMs;
  }

  return {
    get limit() {
      return limit;
    },
    async read(url, given, patient, signal) {
      for (let failures = 0; ;) {
        if (notBefore > clock.now()) await pause(notBefore - clock.now(), signal);
        const verdict = await ask(url, given, signal);
        if (verdict.status === "expired") return undefined;
        if (verdict.status === "page") {
          if (trouble !== undefined) logger.info("a source can be read again", { source });
          trouble = undefined;
          return verdict.page;
        }
        failures++;
        const ms = wait(verdict, failures);
        if (verdict.status === "limited") {
          await pause(ms, signal);
          continue;
        }
        if (!patient && (verdict.status === "refused" || failures >= impatientTries)) throw verdict.error;
        tell(verdict.error);
        await sleep(clock, ms, signal);
      }
    },
  };

  async function pause(ms: number, signal: AbortSignal): Promise<void> {
    const until = new Date(clock.now() + ms).toISOString();
    logger.info("a source waits: the service's rate limit is used up", { source, until });
    await sleep(clock, ms, signal);
    notBefore = 0;
  }
}
