import type { LastStreamed } from "./checkpoint.ts";

/**
 * What an alert is about.
 * - `disconnected`: the stream has failed for longer than `disconnectAfterMs`.
 * - `blocked`: the destination or its settings must be mended by a person.
 * - `lagging`: the oldest pending event is 45 minutes old, so the hour is about to be broken.
 * - `loss_countdown`: pending events come near the age beyond which the destination does not take them, or the operator gives them up.
 * - `events_lost`: within the last day events were given up by the operator's limit on pending age.
 * - `quarantine`: events were set apart.
 * - `digest_overdue`: events arrive, and for half an hour no digest has vouched for them that was due.
 * - `verification_failed`: a step of the last verification failed.
 */
export type AlertKind =
  | "disconnected"
  | "blocked"
  | "lagging"
  | "loss_countdown"
  | "events_lost"
  | "quarantine"
  | "digest_overdue"
  | "verification_failed";

/** One episode of one kind of trouble on one stream: opened once, reminded of with growing distance, closed once. */
export interface Alert {
  /** A UUIDv7, so ids are in order of opening. */
  readonly id: string;
  readonly kind: AlertKind;
  readonly severity: "warning" | "critical";
  readonly organization: string;
  readonly stream: string;
  readonly streamName?: string;
  readonly sink: string;
  /** When the trouble itself began as far as is known, Unix ms: the stream's first failure, not the alert's opening. */
  readonly since: number;
  /** Unix ms. */
  readonly openedAt: number;
  /** When the trouble was over, Unix ms. */
  readonly closedAt?: number;
  /** What is wrong, in one sentence; for a loss countdown with the time that is left. */
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
  /** Code of the error behind it, where there is one. */
  readonly code?: string;
  readonly pending: number;
  /** When the oldest pending event was appended, Unix ms. */
  readonly oldestPendingAt?: number;
  readonly lastStreamed?: LastStreamed;
  /** Events in quarantine. */
  readonly quarantined: number;
  /** When events are first lost to the destination, Unix ms; of a loss countdown. */
  readonly lossAt?: number;
  /** How many notifications were made of it. */
  readonly notifications: number;
  /** When the last one was made, Unix ms. */
  readonly notifiedAt: number;
}

/** What a channel is told. */
export interface AlertNotification {
  /** A UUIDv7, the same for each attempt: receivers may drop repeats by it. */
  readonly id: string;
  readonly type: "opened" | "reminder" | "recovered";
  /** Unix ms. */
  readonly at: number;
  readonly alert: Alert;
}

/** What became of one attempt to notify. */
export type AlertResult =
  | { readonly status: "delivered" }
  /** Try again, not sooner than `afterMs`. */
  | { readonly status: "retry"; readonly message: string; readonly afterMs?: number }
  /** Trying again will not help. */
  | { readonly status: "failed"; readonly message: string };

/**
 * Where alerts go. `notify` is called once per attempt; a throw counts as `retry`. Messages are shown to operators: no
 * secrets in them.
 *
 * @example
 * ```ts
 * const pager: AlertChannel = {
 *   name: "pager",
 *   notify: async ({ type, alert }) => {
 *     await page(`${type}: ${alert.message}`);
 *     return { status: "delivered" };
 *   },
 * };
 * ```
 */
export interface AlertChannel {
  /** Unique among the channels; shown with what became of each notification. */
  readonly name: string;
  /** Whose alerts it is told. @default all organizations' */
  readonly organizations?: readonly string[];
  notify(notification: AlertNotification, context: { readonly signal: AbortSignal }): Promise<AlertResult>;
}

/** A notification on its way to one channel, or arrived, or given up. */
export interface AlertDispatch {
  readonly notification: AlertNotification;
  readonly channel: string;
  readonly status: "pending" | "delivered" | "failed";
  readonly attempts: number;
  /** When it was tried last, or put down, Unix ms. */
  readonly at: number;
  /** When it is tried next, Unix ms; of a pending one. */
  readonly nextAttemptAt?: number;
  /** What the channel said last. */
  readonly message?: string;
}

/** When alerts open and how often they remind. All in ms. */
export interface AlertSettings {
  /** Alerts are looked for this often, and at once when a stream's state changes. @default 15_000 */
  readonly everyMs: number;
  /** The oldest pending event is so old: it lags. @default 45 min */
  readonly laggingMs: number;
  /** An alert closes only after its trouble has been away for so long. @default 60_000 */
  readonly quietMs: number;
  /** Distances between reminders; the last one repeats. @default 1 h, 4 h, 12 h, 24 h */
  readonly remindersMs: readonly number[];
  /** A loss countdown opens when less than this share of the time is left. @default 0.5 */
  readonly lossShare: number;
  /** How long closed alerts and arrived notifications are kept. @default 30 d */
  readonly keepMs: number;
}

/** What `createHeadgate` takes for alerts. */
export interface AlertOptions {
  /** @default none: alerts are kept and shown, and told to nobody */
  readonly channels?: readonly AlertChannel[];
  readonly settings?: Partial<AlertSettings>;
  /** Whether each notification is also appended to the organization's own audit log, so that its SIEM can alert on its own feed. @default true */
  readonly auditLog?: boolean;
}

/** The alerts of all organizations. */
export interface HeadgateAlerts {
  /** Open alerts and closed ones, the newest first; `before` is an alert's id. */
  list(page?: {
    readonly organization?: string;
    readonly stream?: string;
    readonly open?: boolean;
    readonly before?: string;
    readonly limit?: number;
  }): Promise<readonly Alert[]>;
  /** What became of an alert's notifications, in order. */
  dispatches(alert: string): Promise<readonly AlertDispatch[]>;
  /** Looks for alerts now, and tries what is to be tried. Resolves when both are done. The runner that delivers does it by itself. */
  evaluate(): Promise<void>;
}
