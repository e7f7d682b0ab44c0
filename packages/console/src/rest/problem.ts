/** A refused or failed request, in the words of the API where it answered. */
export class ApiProblem extends Error {
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** The API's error code; `unreachable` where no answer came, `not_api` where something else has answered. */
  readonly code: string;
  readonly hint: string | undefined;
  readonly requestId: string | undefined;
  /** Single mistakes with where they are. */
  readonly problems: readonly { readonly path: string; readonly message: string }[];

  constructor(
    status: number,
    code: string,
    message: string,
    extras: {
      readonly hint?: string | undefined;
      readonly requestId?: string | undefined;
      readonly problems?: readonly { readonly path: string; readonly message: string }[];
    } = {},
  ) {
    super(message);
    this.name = "ApiProblem";
    this.status = status;
    this.code = code;
    this.hint = extras.hint;
    this.requestId = extras.requestId;
    this.problems = extras.problems ?? [];
  }
}

/** Reads a problem from an answer, also from one that is none of the API's. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const { status, headers } = response;
  const requestId = headers.get("headgate-request-id") ?? undefined;
  const body = await jsonOf(response);
  const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
  const code = text(body["code"]) ?? (status === 401 ? "unauthenticated" : "not_api");
  const message = text(body["detail"]) ?? text(body["title"]) ?? `HTTP ${status}`;
  const problems = Array.isArray(body["problems"])
    ? body["problems"].flatMap((one: { path?: unknown; message?: unknown } | null) =>
        typeof one?.message === "string" ? [{ path: text(one.path) ?? "", message: one.message }] : [],
      )
    : [];
  return new ApiProblem(status, code, message, { hint: text(body["hint"]), requestId, problems });
}

async function jsonOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  try {
    const value: unknown = await response.json();
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

/** Whether a request was ended on purpose, which is nothing to show. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
