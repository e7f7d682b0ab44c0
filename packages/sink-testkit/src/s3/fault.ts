import type { S3Operation } from "./model.ts";

/**
 * A fault to come, as data.
 * - `error`: the given error document. The request has no effect, unless `afterEffect` is set.
 * - `slow`: the answer comes after `ms`, the effect before.
 * - `hang`: no answer, ever; the socket stays open.
 * - `cut`: the socket is closed without an answer, before or after the request took effect.
 * - `reply`: any bytes at all, e.g. a proxy's page.
 */
export type S3Fault = {
  /** @default PutObject */
  readonly on?: S3Operation;
  /** For how many requests; then it is over. @default 1 */
  readonly times?: number;
} & (
  | {
      readonly kind: "error";
      readonly status: number;
      readonly code: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly afterEffect?: boolean;
    }
  | { readonly kind: "slow"; readonly ms: number }
  | { readonly kind: "hang" }
  | { readonly kind: "cut"; readonly afterEffect: boolean }
  | {
      readonly kind: "reply";
      readonly status: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
);

/** An {@link S3Fault} of one kind. */
type FaultOf<Kind extends S3Fault["kind"]> = Extract<S3Fault, { readonly kind: Kind }>;

/** Faults that S3 is known for: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const s3Faults: Readonly<
  Record<
    | "slowDown"
    | "internalError"
    | "internalErrorAfterStoring"
    | "requestTimeout"
    | "conflict"
    | "kmsThrottling"
    | "kmsDisabled",
    FaultOf<"error">
  > &
    Record<"cutBeforeStoring" | "cutAfterStoring", FaultOf<"cut">> &
    Record<"hang", FaultOf<"hang">>
> = {
  slowDown: { kind: "error", status: 503, code: "SlowDown", message: "Please reduce your request rate." },
  internalError: { kind: "error", status: 500, code: "InternalError", message: "We encountered an internal error." },
  /** The object is stored, the answer is an error all the same: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ErrorBestPractices.html */
  internalErrorAfterStoring: { kind: "error", status: 500, code: "InternalError", afterEffect: true },
  requestTimeout: { kind: "error", status: 400, code: "RequestTimeout" },
  /** A concurrent conflicting write: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
  conflict: { kind: "error", status: 409, code: "ConditionalRequestConflict" },
  kmsThrottling: { kind: "error", status: 400, code: "KMS.ThrottlingException" },
  kmsDisabled: { kind: "error", status: 400, code: "KMS.DisabledException" },
  hang: { kind: "hang" },
  cutBeforeStoring: { kind: "cut", afterEffect: false },
  cutAfterStoring: { kind: "cut", afterEffect: true },
};

/** Faults waiting to happen. */
export interface FaultQueue {
  /** Adds one at the end. */
  add(fault: S3Fault): void;
  /** Forgets all. */
  clear(): void;
  /** The next one for an operation, counted down. */
  take(operation: S3Operation): S3Fault | undefined;
}

/** An empty {@link FaultQueue}. */
export function faultQueue(): FaultQueue {
  let waiting: { readonly fault: S3Fault; left: number }[] = [];
  return {
    add: (fault) => void waiting.push({ fault, left: fault.times ?? 1 }),
    clear: () => {
      waiting = [];
    },
    take(operation) {
      const next = waiting.find(({ fault }) => (fault.on ?? "PutObject") === operation);
      if (next === undefined) return undefined;
      next.left -= 1;
      if (next.left <= 0) waiting = waiting.filter((each) => each !== next);
      return next.fault;
    },
  };
}
