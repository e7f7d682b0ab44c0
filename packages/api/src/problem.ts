import { type ErrorCode, errorCodes, HeadgateError, isHeadgateError } from "@headgate/core";

/** One mistake of a request: where, and what would be accepted. */
export interface ProblemEntry {
  /** E.g. `$.options.bucket`, `query.limit`, `events[3].actor.id`. */
  readonly path: string;
  readonly message: string;
}

/** What a problem may carry beyond code and message. */
export interface ProblemExtras {
  readonly hint?: string;
  /** @default the code's own status */
  readonly status?: number;
  readonly problems?: readonly ProblemEntry[];
  readonly headers?: Readonly<Record<string, string>>;
}

const extrasOf = new WeakMap<object, ProblemExtras>();

/**
 * Makes an error for a handler to throw, which becomes an `application/problem+json` answer.
 *
 * @example
 * ```ts
 * throw problem("request_invalid", "The query has a mistake.", { problems: [{ path: "query.limit", message: "must be an integer" }] });
 * ```
 */
export function problem(code: ErrorCode, message: string, extras: ProblemExtras = {}): HeadgateError {
  const error = new HeadgateError(code, message, extras.hint === undefined ? {} : { hint: extras.hint });
  extrasOf.set(error, extras);
  return error;
}

/** The one answer to whatever is not there, or belongs to somebody else: it must not tell which. */
export function nothingHere(): HeadgateError {
  return problem("not_found", "There is nothing at this address, or nothing that these credentials may see.");
}

/** 500 for codes that are not here: whoever asks cannot do anything about those. */
const statuses: Partial<Record<ErrorCode, number>> = {
  event_invalid: 400,
  event_id_conflict: 400,
  action_unknown: 400,
  organization_invalid: 400,
  sink_unknown: 400,
  sink_options_invalid: 400,
  shape_invalid: 400,
  config_invalid: 400,
  address_refused: 400,
  mapping_invalid: 400,
  record_unmappable: 400,
  request_invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  stream_unknown: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  stream_exists: 409,
  role_taken: 409,
  stream_declared: 409,
  replay_running: 409,
  document_conflict: 409,
  checkpoint_conflict: 409,
  lease_lost: 409,
  event_too_large: 413,
  body_too_large: 413,
  media_type_unsupported: 415,
  verification_failed: 422,
  secrets_unavailable: 422,
  secret_unreadable: 422,
  too_many_requests: 429,
  store_full: 507,
  key_unavailable: 503,
  store_busy: 503,
  store_unavailable: 503,
  store_closed: 503,
  sink_closed: 503,
  cancelled: 503,
};

/** The HTTP status that a code becomes. */
export function statusOf(code: ErrorCode): number {
  return statuses[code] ?? 500;
}

/** What an error becomes on the wire. Of anything unforeseen, and of the platform's own faults, only the code is told. */
export function problemResponse(error: unknown, requestId: string): Response {
  const known = isHeadgateError(error) ? error : undefined;
  const code = known?.code ?? "internal";
  const extras = (known && extrasOf.get(known)) ?? {};
  const status = extras.status ?? statusOf(code);
  // A message of the store may name a file of the platform's, which is nobody else's business.
  const own = known !== undefined && (status < 500 || extrasOf.has(known));
  const hint = own ? known.hint : undefined;
  const problems = extras.problems ?? (own ? placeOf(known) : undefined);
  const body = {
    type: `https://headgate.dev/errors#${code}`,
    title: errorCodes[code],
    status,
    detail: own ? known.message : errorCodes[code],
    code,
    ...(hint !== undefined && { hint }),
    request_id: requestId,
    ...(problems !== undefined && { problems }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...extras.headers, "content-type": "application/problem+json" },
  });
}

/** Where in a stream's shape the mistake is, as core says it. */
function placeOf({ code, details: { path, says } }: HeadgateError): readonly ProblemEntry[] | undefined {
  if (code !== "shape_invalid" || typeof path !== "string" || typeof says !== "string") return undefined;
  return [{ path: `$.${path}`, message: says }];
}
