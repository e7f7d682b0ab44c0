import type { HecCode, HecObjectCode } from "./codes.ts";

/** A token that may send. */
export interface HecToken {
  readonly token: string;
  /** @default false */
  readonly disabled?: boolean;
  /** `useACK`: requests need a channel and are answered with an `ackId`. @default false */
  readonly acknowledge?: boolean;
  /** Indexes that it may write to. @default all */
  readonly indexes?: readonly string[];
  /** Where events go that name no index. @default "main" */
  readonly defaultIndex?: string;
}

/** What the server looks at of a request: the kind of path that it was sent to. */
export type HecEndpoint = "event" | "raw" | "ack" | "health" | "unknown";

/** A well-formed event to refuse as if it were bad: one that has this id and this action, where they are given. */
export interface HecPoison {
  readonly id?: string;
  readonly action?: string;
  readonly code: HecObjectCode;
}

/** An indexed event. */
export interface HecEvent {
  /** Of its envelope, in seconds; undefined where it has none. */
  readonly time: number | undefined;
  readonly host: string | undefined;
  readonly source: string | undefined;
  readonly sourcetype: string | undefined;
  /** The envelope's, or the token's default. */
  readonly index: string;
  readonly fields: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** As JSON has it; for `/raw` the line. */
  readonly event: unknown;
  readonly token: string;
  readonly channel: string | undefined;
  /** Number of the indexer that took it. */
  readonly indexer: number;
  /** Number of its request in `requests`. */
  readonly request: number;
  /** The envelope as it was sent, decompressed: from its first brace to its last. */
  readonly raw: Uint8Array;
}

/** One request as it was answered. */
export interface HecRequest {
  readonly endpoint: HecEndpoint;
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** 0 where no answer was given. */
  readonly status: number;
  /** Code of the answer, where it was a collector's. */
  readonly code: HecCode | 404 | undefined;
  /** Objects of the body that were read, up to and with a bad one. 0 where the body was not looked at. */
  readonly objects: number;
  /** Decompressed; empty where it could not be, and where the server does not keep events. */
  readonly body: Uint8Array;
  /** Size of the body as it was sent. Of a body over the limit only the beginning is counted. */
  readonly wireBytes: number;
  /** Requests with one number came over one kept connection. */
  readonly connection: number;
}
