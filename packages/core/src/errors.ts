/**
 * Every error that Headgate raises on purpose, by its stable code. Match on `code`, never on the class or the message.
 * The text is what the code means; `docs/reference/errors.md` is generated from it.
 */
export const errorCodes = {
  event_invalid: "An event does not follow the schema; the message names the path and what would be accepted.",
  event_id_conflict: "Two events of one append carry the same id.",
  action_unknown: "The catalog does not know the action, and unknown actions are refused.",
  organization_invalid: "An organization id is empty, too long or holds control characters.",
  store_full: "The store has no room left. It refuses new events; it never drops old ones.",
  store_corrupt: "The store's file is damaged or is no Headgate store.",
  store_restored:
    "The store is a copy, and the one that it was made of may have gone on: a backup, or files that were put back or moved.",
  store_busy: "Another process holds the store and did not let go in time.",
  store_unavailable: "The store cannot be reached or opened.",
  store_closed: "The store has been closed.",
  transaction_unsupported:
    "The store cannot append in the caller's transaction, or what was passed is no open transaction of its database.",
  sink_closed: "The sink has been disposed of.",
  store_version: "The store was written by another version of Headgate that this one cannot read.",
  checkpoint_conflict: "Somebody else has moved the checkpoint; what was read of it is stale.",
  lease_lost: "The right to run this stream has passed to another runner.",
  stream_exists: "A stream with this id exists already.",
  stream_unknown: "There is no stream with this id.",
  role_taken: "Another organization uses the role, and a role belongs to one organization.",
  sink_unknown: "No sink of this type was passed in.",
  sink_options_invalid: "A sink's options do not follow its schema.",
  shape_invalid: "A stream's filter, privacy rules or format cannot be used; the message names the path.",
  config_invalid: "The configuration has a mistake; the message names the path.",
  mapping_invalid: "A field mapping has a mistake.",
  record_unmappable: "A foreign record lacks a value that the mapping requires.",
  source_failed: "A source cannot be read.",
  source_denied: "The service that a source reads from does not accept the token, or it may not read the audit log.",
  destination_unreachable: "The destination does not answer, or the connection breaks.",
  address_refused:
    "The endpoint leads to a private, loopback or otherwise special address, which the operator has not allowed.",
  certificate_invalid: "The destination's TLS certificate is not trusted, has run out, or is for another host.",
  destination_timeout: "The destination took longer than the time limit.",
  destination_busy: "The destination asks to slow down.",
  destination_failed: "The destination reports a fault of its own.",
  destination_conflict: "The destination reports a concurrent write to the same key.",
  destination_unexpected: "The destination answered something that its protocol does not provide for.",
  credentials_invalid: "The destination does not accept the credentials.",
  credentials_expired: "The credentials have run out and were not renewed in time.",
  clock_skewed: "This machine's clock and the destination's are too far apart.",
  access_denied: "The credentials are known but may not do this.",
  destination_missing: "The bucket, index or folder does not exist.",
  destination_misconfigured: "The destination refuses the settings of the stream.",
  encryption_mismatch: "The destination did not apply the encryption that was asked for.",
  event_too_large: "An event is larger than the destination takes.",
  event_too_old: "The event is older than the destination keeps events of, and would be dropped there in silence.",
  acknowledgement_missing: "The destination took the events but did not confirm in time that it has them for good.",
  event_refused: "The destination refused this event for good.",
  verification_failed: "A step of the stream's verification failed; the message names it.",
  codec_changed:
    "A sealed window was written by another version of a codec or format, or with a key that is gone; going on might store events twice.",
  disk_full: "The disk is full.",
  file_unreadable: "A file or folder cannot be read.",
  file_unwritable: "A file or folder cannot be written.",
  signing_failed: "A digest could not be signed; it is tried again.",
  digest_invalid: "A digest's file does not follow the format.",
  object_damaged: "An object's bytes do not match its name.",
  document_conflict:
    "Somebody else has changed the same thing at the same moment; read it again and repeat the change.",
  replay_running: "The stream is replaying a range already.",
  stream_declared: "The stream is declared by a configuration file, which alone can change it.",
  secrets_unavailable: "No key is configured to seal secrets with, so none can be stored.",
  secret_unreadable: "A stored secret cannot be opened: it was sealed with a key that is not configured, or altered.",
  key_unavailable: "The key that seals secrets is kept elsewhere, and cannot be used now. It is tried again.",
  unauthenticated: "The request carries no valid credentials.",
  forbidden: "The credentials are valid but do not allow this.",
  not_found: "There is nothing at this address.",
  method_not_allowed: "The address does not take this method.",
  not_acceptable: "None of the media types that the request accepts can be given.",
  request_invalid: "A parameter or the body of the request has a mistake; the message names it.",
  media_type_unsupported: "The body's media type or encoding is not one that the address takes.",
  body_too_large: "The request's body is larger than the address takes.",
  too_many_requests: "More requests, or more at a time, than are taken; Retry-After says when to try again.",
  cancelled: "The work was cancelled.",
  internal: "A defect in Headgate or in a sink. Please report it.",
} as const;

/** A stable error code. */
export type ErrorCode = keyof typeof errorCodes;

/** What an error may carry beyond its message. Details are shown to operators: never a secret, never an event's content. */
export interface ErrorExtras {
  readonly hint?: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

const brand: unique symbol = Symbol.for("headgate.error") as never;

/**
 * The one error class. `message` says what went wrong and where, `hint` what to do about it.
 *
 * @example
 * ```ts
 * throw new HeadgateError("store_full", "The store headgate.db is full.", { hint: "Free disk space, then append again." });
 * ```
 */
export class HeadgateError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, message: string, extras: ErrorExtras = {}) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = "HeadgateError";
    this.code = code;
    this.hint = extras.hint;
    this.details = extras.details ?? {};
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether a value is a {@link HeadgateError}, also one from another copy of the package; with `code`, whether it is that one. */
export function isHeadgateError(value: unknown, code?: ErrorCode): value is HeadgateError {
  if (typeof value !== "object" || value === null || !(brand in value)) return false;
  return code === undefined || (value as { readonly code?: unknown }).code === code;
}
