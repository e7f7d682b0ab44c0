import type { Mapping } from "@headgate/core";

/** A service that lets its audit log be read page by page: what is particular to it. Reading itself is {@link pollSource}. */
export interface AuditApi {
  /** What messages call the service. */
  readonly service: string;
  /** Names the log in messages and in quarantine, e.g. `github acme`. */
  readonly name: string;
  /** Tells this log, as it is asked for, from every other one: a place in one means nothing in another. */
  readonly identity: string;
  /** Goes with every request, beside the credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** The header `authorization` for a token. */
  authorization(token: string): string;
  /** Where to begin, to get everything from this instant (Unix ms) on, oldest first. */
  first(from: number): URL;
  /** When a record was made, in Unix ms; undefined where it does not say. */
  timeOf(record: Readonly<Record<string, unknown>>): number | undefined;
  /**
   * Whether every page names a next one, which brings what comes later. Then the log has been read to its end when a page
   * is empty; otherwise when a page names no next one, and reading begins anew for what comes later.
   */
  readonly endless: boolean;
  /** How far back the service can be asked, in ms. @default for ever */
  readonly keepsMs?: number;
  /** How records become events, where the configuration does not say otherwise. */
  readonly mapping: Mapping;
  /** What a person is to look at when the service refuses, by HTTP status. */
  readonly hints: Readonly<Record<number, string>>;
}
