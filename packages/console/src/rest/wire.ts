/** The shapes of the REST API's answers, as far as the components read them. Times are RFC 3339 UTC texts. */

/** What a token or session may do. */
export type Role = "ingest" | "viewer" | "admin" | "operator";

/** Who is signed in. */
export interface Me {
  readonly role: Role;
  readonly organization?: string;
  readonly actor: { readonly type: string; readonly id: string; readonly name?: string };
}

/** A stream's state. */
export type StreamState = "unverified" | "active" | "degraded" | "disconnected" | "blocked" | "paused";

/** Why something failed. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly vendor_code?: string;
  readonly at?: string;
}

/** One step of a verification. */
export interface Step {
  readonly name: string;
  readonly status: "ok" | "failed" | "skipped";
  readonly detail: string;
  /** What to do; of an `ok` step, what could be better. */
  readonly fix?: string;
}

/** How well a stream did in a stretch of time. */
export interface ServiceLevel {
  readonly delivered: number;
  readonly late: number;
  readonly quarantined: number;
  readonly overdue: number;
  readonly success?: number;
  readonly within_hour?: number;
  readonly budget_left: number;
}

/** The stretches: 1 h, 24 h and 30 d. */
export interface ServiceLevels {
  readonly hour: ServiceLevel;
  readonly day: ServiceLevel;
  readonly month: ServiceLevel;
}

/** The event that was streamed last. */
export interface LastStreamed {
  readonly sequence: number;
  readonly occurred_at: string;
  readonly at: string;
  readonly receipt?: string;
}

/** What an event must be like: everything that is named here. */
export interface EventMatch {
  readonly action?: string;
  readonly category?: string;
  readonly outcome?: string;
}

/** What is done to the values at a path. */
export interface PrivacyRule {
  readonly path: string;
  readonly method: "drop" | "mask" | "hash";
}

/** What a stream makes of events before it sends them. */
export interface Shape {
  readonly filter?: { readonly include?: readonly EventMatch[]; readonly exclude?: readonly EventMatch[] };
  readonly privacy?: readonly PrivacyRule[];
  readonly format?: string;
}

/** What a shape makes of the last events. */
export interface Preview {
  /** Those that there are, the log's own first. */
  readonly formats: readonly { readonly name: string; readonly title: string }[];
  readonly events: readonly PreviewedEvent[];
}

/** One of them; without `after` it is left out. */
export interface PreviewedEvent {
  readonly sequence: number;
  readonly before: string;
  readonly after?: string;
}

/** A stream with how it stands. */
export interface Stream extends Shape {
  readonly id: string;
  readonly name?: string;
  readonly organization: string;
  readonly sink: string;
  readonly declared: boolean;
  readonly created_at: string;
  readonly health: {
    readonly state: StreamState;
    readonly since: string;
    readonly consecutive_failures: number;
    readonly next_attempt_at?: string;
    readonly last_error?: Failure;
    readonly verification?: { readonly ok: boolean; readonly at: string; readonly steps: readonly Step[] };
  };
  readonly accepted: number;
  readonly delivered: number;
  readonly quarantined: number;
  /** Left out by its filter. */
  readonly filtered: number;
  readonly pending: number;
  readonly pending_bytes: number;
  readonly oldest_pending_at?: string;
  readonly overdue: number;
  readonly last_streamed?: LastStreamed;
  /** The last signed digest that the destination has. */
  readonly digest?: { readonly number: number; readonly through: number; readonly at: string };
  readonly service_levels: ServiceLevels;
  readonly activity: readonly number[];
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What is to be delivered again: sequences, or a time; without any of them all. */
export interface ReplayRange {
  readonly first_sequence?: number;
  readonly last_sequence?: number;
  readonly from?: string;
  readonly to?: string;
}

/** A replay under way, or the last one. */
export interface Replay {
  readonly state: "running" | "done" | "cancelled";
  readonly range: ReplayRange;
  readonly requested_at: string;
  readonly ended_at?: string;
  readonly objects: number;
  readonly events: number;
  readonly refused: number;
  readonly lost: number;
  readonly lost_ranges: readonly {
    readonly first_sequence: number;
    readonly last_sequence: number;
    readonly reason: string;
  }[];
}

/** One request to a destination. */
export interface Delivery {
  readonly number: number;
  readonly at: string;
  readonly status: "delivered" | "rejected" | "retry" | "blocked" | "split";
  readonly count: number;
  readonly delivered: number;
  readonly quarantined: number;
  readonly bytes: number;
  readonly ms: number;
  readonly attempt: number;
  readonly age_seconds: number;
  readonly first_sequence: number;
  readonly last_sequence: number;
  readonly receipt?: string;
  readonly error?: Failure;
}

/** One episode of trouble. */
export interface Alert {
  readonly id: string;
  readonly kind:
    | "disconnected"
    | "blocked"
    | "lagging"
    | "loss_countdown"
    | "events_lost"
    | "quarantine"
    | "digest_overdue"
    | "verification_failed";
  readonly severity: "warning" | "critical";
  readonly organization: string;
  readonly stream: string;
  readonly stream_name?: string;
  readonly sink: string;
  readonly since: string;
  readonly opened_at: string;
  readonly closed_at?: string;
  readonly message: string;
  readonly hint?: string;
  readonly last_streamed?: LastStreamed;
  readonly dispatches?: readonly Dispatch[];
}

/** What became of one notification on one channel. */
export interface Dispatch {
  readonly notification: {
    readonly id: string;
    readonly type: "opened" | "reminder" | "recovered";
    readonly at: string;
  };
  readonly channel: string;
  readonly status: "pending" | "delivered" | "failed";
  readonly attempts: number;
  readonly at: string;
  readonly next_attempt_at?: string;
  readonly message?: string;
}

/** An event that was set apart. */
export interface QuarantineEntry {
  readonly sequence: number;
  readonly occurred_at?: string;
  readonly reason: Failure;
  readonly quarantined_at: string;
  readonly state: "held" | "retry" | "discarded";
  readonly event?: unknown;
}

/** An event of the log. */
export interface LogEvent {
  readonly id: string;
  readonly sequence: number;
  readonly occurred_at: string;
  readonly action: string;
  readonly category?: string;
  readonly outcome?: string;
  readonly actor: { readonly type: string; readonly id: string; readonly name?: string };
  readonly targets?: readonly { readonly type: string; readonly id: string; readonly name?: string }[];
}

/** One thing to copy: a policy, a template, a command. */
export interface Artifact {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly language: string;
  readonly content: string;
  readonly description: string;
}

/** A kind of destination that customers connect by themselves. */
export interface SetupSink {
  readonly type: string;
  readonly title: string;
  readonly schema: JsonSchema;
}

/** What to do on the customer's side. */
export interface Guide {
  readonly title: string;
  readonly external_id: string;
  readonly schema: JsonSchema;
  readonly steps: readonly { readonly title: string; readonly text: string }[];
  readonly artifacts: readonly Artifact[];
}

/** How an organization's streams stand together. */
export interface Summary {
  readonly streams: { readonly total: number; readonly by_state: Readonly<Partial<Record<StreamState, number>>> };
  readonly service_levels: ServiceLevels;
  readonly open_alerts: number;
  readonly pending: number;
  readonly oldest_pending_at?: string;
}

/** The part of JSON Schema that forms are made from. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly if?: JsonSchema;
  readonly then?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly writeOnly?: boolean;
}
