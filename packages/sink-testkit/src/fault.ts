/**
 * What a destination can be told to do wrong, as data.
 *
 * Request faults are taken in order, each by the next `times` requests (one by default); after the last of them the
 * destination is well again. `denied`, `missing` and `full` are states: they hold until the next `script` call.
 */
export type Fault =
  /** Asks to slow down and stores nothing; `afterMs` is the wait that it asks for, in ms. */
  | { readonly kind: "busy"; readonly afterMs?: number; readonly times?: number }
  /** Reports a fault of its own and stores nothing. */
  | { readonly kind: "unavailable"; readonly times?: number }
  /** Cuts the connection before anything is stored. */
  | { readonly kind: "reset"; readonly times?: number }
  /** Takes the request and never answers. Nothing is stored. */
  | { readonly kind: "hang"; readonly times?: number }
  /** Stores and answers, but only after `ms`. */
  | { readonly kind: "slow"; readonly ms: number; readonly times?: number }
  /** Stores everything, then cuts the connection in place of an answer. */
  | { readonly kind: "lost_reply"; readonly times?: number }
  /** Says that the session has run out; a renewed one is taken. */
  | { readonly kind: "expired"; readonly times?: number }
  /** Stores the first `events` events, then reports a fault and says how many are in. */
  | { readonly kind: "partial"; readonly events: number; readonly times?: number }
  /** Refuses the events at these places (0-based) for good and stores none of the request. */
  | { readonly kind: "refuses"; readonly indexes: readonly number[]; readonly times?: number }
  /** Knows the credentials but does not let them write. */
  | { readonly kind: "denied" }
  /** The bucket, index or folder is not there. */
  | { readonly kind: "missing" }
  /** Has no room left. */
  | { readonly kind: "full" };

/** The name of a fault. */
export type FaultKind = Fault["kind"];
