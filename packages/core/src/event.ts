/** A JSON value. Numbers are those that a double holds exactly; larger ones arrive over the wire and are kept as text. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** How the action ended. */
export type Outcome = "success" | "failure" | "denied" | "unknown";

/** The categories that Headgate knows; a platform may use its own. */
export type Category =
  | "authentication"
  | "configuration"
  | "pipeline"
  | "access"
  | "data"
  | "billing"
  | "system"
  | (string & {});

/** Who did it. */
export interface Actor {
  /** Kind of actor, e.g. `user`, `service_account`, `api_token`, `system`. */
  readonly type: string;
  readonly id: string;
  readonly name?: string;
}

/** What it was done to. */
export interface Target {
  readonly type: string;
  readonly id: string;
  readonly name?: string;
}

/** Circumstances of the request. Further members of the platform's own are kept as they are. */
export interface EventContext {
  readonly ip?: string;
  readonly user_agent?: string;
  readonly request_id?: string;
  readonly [key: string]: JsonValue | undefined;
}

/** What a caller hands to `append`: only `action` and `actor` are required. */
export interface NewEvent<Action extends string = string, Metadata = JsonObject> {
  readonly action: Action;
  readonly actor: Actor;
  /** Unique in the organization. An append of an id that the journal holds already stores nothing. @default a UUIDv7 */
  readonly id?: string;
  /** RFC 3339 with any offset, or a `Date`. Stored in UTC with milliseconds. @default now */
  readonly occurred_at?: string | Date;
  /** @default the catalog's category of the action */
  readonly category?: Category;
  readonly outcome?: Outcome;
  /** Display name of the organization at that time. */
  readonly organization_name?: string;
  readonly targets?: readonly Target[];
  readonly context?: EventContext;
  readonly metadata?: Metadata;
}

/** An event as it is stored and delivered: one line of NDJSON. The TypeScript type is the wire form. */
export interface AuditEvent {
  readonly schema_version: 1;
  readonly id: string;
  /** UTC with milliseconds, e.g. `2025-07-16T09:52:30.123Z`. */
  readonly occurred_at: string;
  readonly organization: { readonly id: string; readonly name?: string };
  readonly action: string;
  readonly category?: Category;
  readonly outcome?: Outcome;
  readonly actor: Actor;
  readonly targets?: readonly Target[];
  readonly context?: EventContext;
  readonly metadata?: JsonObject;
  /** 1, 2, 3 … per organization, without gaps, given at append. */
  readonly sequence: number;
}
