import {
  type AuditEvent,
  type Clock,
  createPreparer,
  type Logger,
  memoryStore,
  type PreparedEvent,
  secret,
  type Store,
} from "@headgate/core";
import { httpClient } from "@headgate/egress";
import type { AuditApi } from "../audit-api.ts";
import { githubAudit } from "../github-audit.ts";
import { oktaAudit } from "../okta-audit.ts";
import { pollSource, type PollSourceContext, type PollSourceOptions } from "../poll-source.ts";
import type { Source } from "../source.ts";
import { tokenReader } from "../source-token.ts";
import { githubLog, githubRecord, githubToken } from "./github-log.ts";
import type { LoggedRecord, LogServer, LogServerOptions } from "./log-server.ts";
import { oktaLog, oktaRecord, oktaToken } from "./okta-log.ts";

/** A service with a stand-in, and how it is read. */
export interface Service {
  readonly name: "github" | "okta";
  readonly token: string;
  log(options: LogServerOptions): Promise<LogServer>;
  record(id: string, at: number, visibleAt?: number): LoggedRecord;
  api(url: URL): AuditApi;
}

/** All services that are polled. */
export const services: readonly Service[] = [
  {
    name: "github",
    token: githubToken,
    log: githubLog,
    record: githubRecord,
    api: (url) => githubAudit({ url, org: "acme", include: "all" }),
  },
  {
    name: "okta",
    token: oktaToken,
    log: oktaLog,
    record: oktaRecord,
    api: (url) => oktaAudit({ url, tokenType: "ssws" }),
  },
];

/** A clock on which nobody waits: each wait is over at once, and the time has passed. */
export interface QuickClock extends Clock {
  readonly waits: readonly number[];
  pass(ms: number): void;
}

/** Makes a {@link QuickClock} that begins at `start`, in Unix ms. */
export function quickClock(start: number): QuickClock {
  let now = start;
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    pass: (ms) => void (now += ms),
    after(ms, callback) {
      let cancelled = false;
      setImmediate(() => {
        if (cancelled) return;
        waits.push(ms);
        now += ms;
        callback();
      });
      return () => void (cancelled = true);
    },
  };
}

/** A service's stand-in, a store, and sources that read the one into the other. */
export interface PollBench extends AsyncDisposable {
  readonly clock: QuickClock;
  readonly server: LogServer;
  readonly store: Store;
  /** What was logged, as `level: message {fields}`. */
  readonly lines: readonly string[];
  /** A source of its own, as a new process has it. */
  source(options?: Partial<PollSourceOptions>, context?: Partial<PollSourceContext>): Source;
  append(organization: string, events: readonly PreparedEvent[]): ReturnType<Store["journal"]["append"]>;
  events(): Promise<readonly AuditEvent[]>;
}

/** Makes a {@link PollBench}. Time stands at noon of 2026-11-27 until somebody waits. */
export async function pollBench(service: Service, options: LogServerOptions = {}): Promise<PollBench> {
  const clock = quickClock(Date.UTC(2026, 10, 27, 12));
  const server = await service.log({ now: () => clock.now(), ...options });
  const store = memoryStore();
  await store.open();
  const client = httpClient({ insecure: true, maxReplyBytes: 1024 * 1024 });
  const lines: string[] = [];
  const write =
    (level: string): Logger["info"] =>
    (message, fields) =>
      void lines.push(`${level}: ${message} ${JSON.stringify(fields ?? {})}`);
  const logger: Logger = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const append: PollBench["append"] = async (organization, events) => store.journal.append(organization, events);
  return {
    clock,
    server,
    store,
    lines,
    append,
    source: (changes, context) =>
      pollSource(
        { api: service.api(server.url), token: tokenReader(secret(service.token)), organization: "acme", ...changes },
        { store, append, preparer: createPreparer({ clock }), client, logger, clock, random: () => 0.5, ...context },
      ),
    async events() {
      const found: AuditEvent[] = [];
      for await (const { body } of store.journal.read("acme", { after: 0 }))
        for (const line of Buffer.from(body).toString().trimEnd().split("\n"))
          found.push(JSON.parse(line) as AuditEvent);
      return found;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
    },
  };
}
