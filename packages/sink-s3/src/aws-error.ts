/** What an error of the AWS SDK says, read without trusting its shape. */
export interface AwsError {
  /** AWS error code such as `SlowDown`, or the name of the error. */
  readonly name: string;
  /** HTTP status; undefined where no answer came. */
  readonly status: number | undefined;
  /** Code of a network or TLS error, such as `ECONNREFUSED`. */
  readonly network: string | undefined;
  /** AWS's own words. Other servers may put anything there. */
  readonly message: string;
  /** Of the answer, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The right region, where the answer named one. */
  readonly region: string | undefined;
  /** The answer's id, where it had one. By its form some servers can be told apart. */
  readonly requestId: string | undefined;
  /** The SDK has corrected its clock by this answer: the next request will be signed with the right time. */
  readonly clockCorrected: boolean;
}

type Unknown = Readonly<Record<string, unknown>>;

const objectOf = (value: unknown): Unknown => (typeof value === "object" && value !== null ? (value as Unknown) : {});
const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** Reads an error that a client's `send` rejected with. */
export function readAwsError(error: unknown): AwsError {
  const fields = objectOf(error);
  const metadata = objectOf(fields["$metadata"]);
  const response = objectOf(fields["$response"]);
  const headers = objectOf(response["headers"]) as Readonly<Record<string, string>>;
  const status = metadata["httpStatusCode"] ?? response["statusCode"];
  // A dual-stack connection attempt fails with an AggregateError that has the code of its parts.
  return {
    name: textOf(fields["name"]) ?? "Error",
    status: typeof status === "number" && status > 0 ? status : undefined,
    network: textOf(fields["code"]) ?? textOf(objectOf(fields["cause"])["code"]),
    message: textOf(fields["message"]) ?? "",
    headers,
    region: textOf(headers["x-amz-bucket-region"]) ?? textOf(fields["Region"]),
    requestId: textOf(metadata["requestId"]),
    clockCorrected: metadata["clockSkewCorrected"] === true,
  };
}

/** The code that AWS or the network gave, fit to be shown: a hostile server's free text is not. */
export function vendorCode(error: AwsError): string {
  if (error.status === undefined) return shown(error.network) ?? shown(error.name) ?? "unknown";
  // What the SDK calls an error whose document it could not read.
  const unread = error.name === "Unknown" || error.name === "UnknownError";
  return (unread ? undefined : shown(error.name)) ?? `HTTP ${error.status}`;
}

function shown(code: string | undefined): string | undefined {
  return code !== undefined && /^[\w.:-]{1,80}$/.test(code) ? code : undefined;
}

/** The wait that the server asked for in `Retry-After`, in ms. */
export function retryAfterMs(error: AwsError): number | undefined {
  const seconds = Number(error.headers["retry-after"] ?? Number.NaN);
  return seconds >= 0 && seconds <= 86_400 ? Math.ceil(seconds * 1000) : undefined;
}
