/** What the API takes at most. Of what a principal may, its organization may five times as much. */
export interface ApiLimits {
  /** Requests of one principal, on average; that many may also come at once. Appending events is counted apart. @default 600 */
  readonly requestsPerMinute: number;
  /** Requests of one principal that append events. How much they hold is bounded by `ingestBytes`. @default 30_000 */
  readonly appendsPerMinute: number;
  /**
   * Requests with credentials that turned out wrong, of everybody together; beyond that they are told to slow down.
   * Right ones are not counted. @default 600
   */
  readonly failuresPerMinute: number;
  /** Bytes of all events that are held at a time, decompressed, from their arrival until they are stored; one organization holds three quarters at most. @default 64 MiB */
  readonly ingestBytes: number;
  /** Of one body of events, decompressed. @default 32 MiB */
  readonly ingestBodyBytes: number;
  /** Events of one request. @default 100_000 */
  readonly ingestEvents: number;
  /** Of a JSON body. @default 256 KiB */
  readonly jsonBodyBytes: number;
  /** Streams of server-sent events that one principal has open at a time. @default 8 */
  readonly eventStreams: number;
  /** Exports of one principal at a time. @default 2 */
  readonly exports: number;
  /** Pages of events of one principal that are being looked for, or read by the client, at a time. @default 6 */
  readonly searches: number;
  /** Streams that an organization may create. @default 100 */
  readonly streamsPerOrganization: number;
}

/** What `createApi` takes where it is not told otherwise. */
export const defaultLimits: ApiLimits = {
  requestsPerMinute: 600,
  appendsPerMinute: 30_000,
  failuresPerMinute: 600,
  ingestBytes: 64 * 1024 * 1024,
  ingestBodyBytes: 32 * 1024 * 1024,
  ingestEvents: 100_000,
  jsonBodyBytes: 256 * 1024,
  eventStreams: 8,
  exports: 2,
  searches: 6,
  streamsPerOrganization: 100,
};
