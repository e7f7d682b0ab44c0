import type { Fault } from "./fault.ts";
import type { ReceivedBatch } from "./harness.ts";
import { ndjsonBatch } from "./ndjson-batch.ts";

/** What the memory destination answers: a status as HTTP has it, and what that status says beside it. */
export type MemoryReply =
  | { readonly status: 403 | 404 | 413 | 507 }
  /** Stored; `present` where the name was taken already, and stays as it was. */
  | { readonly status: 200; readonly present: boolean }
  /** Does not take the token: it has run out, or never was one. */
  | { readonly status: 401; readonly expired: boolean }
  /** Refuses these lines (0-based) for good and stores none. */
  | { readonly status: 422; readonly refused: readonly number[] }
  /** Asks to wait, in ms. */
  | { readonly status: 429; readonly waitMs: number }
  /** Failed, with so many leading lines stored all the same. */
  | { readonly status: 503; readonly accepted: number };

/** What goes with a put. */
export interface MemoryPut {
  readonly token: string;
  readonly signal: AbortSignal;
}

/** What the destination insists on. */
export interface MemoryDestinationOptions {
  /** @default "memory-token" */
  readonly token?: string;
  /** Largest body. @default 4 MiB */
  readonly maxBytes?: number;
}

/** Objects in memory, behind a small made-up protocol, with faults on demand. */
export interface MemoryDestination {
  /**
   * Stores an NDJSON body under a name, all or nothing; a name that is taken already stays as it is.
   * @throws `Error` with `code` `ECONNRESET` when the connection breaks, and the signal's reason when it is aborted
   */
  put(name: string, body: Uint8Array, options: MemoryPut): Promise<MemoryReply>;
  /** What is stored, in the order in which it came. Names that begin with `_` are no deliveries. */
  received(): readonly ReceivedBatch[];
  /** Replaces what is still to go wrong. */
  script(faults: readonly Fault[]): void;
}

/** An empty {@link MemoryDestination}. */
export function memoryDestination(options: MemoryDestinationOptions = {}): MemoryDestination {
  const { token = "memory-token", maxBytes = 4 * 1024 * 1024 } = options;
  const objects = new Map<string, Uint8Array>();
  let script: Fault[] = [];

  const store = (name: string, body: Uint8Array): boolean => {
    const present = objects.has(name);
    if (!present) objects.set(name, Uint8Array.from(body));
    return present;
  };

  return {
    async put(name, body, { token: given, signal }) {
      signal.throwIfAborted();
      if (given !== token) return { status: 401, expired: false };
      if (body.length > maxBytes) return { status: 413 };
      const fault = nextFault(script);
      switch (fault?.kind) {
        case undefined:
          break;
        case "busy":
          return { status: 429, waitMs: fault.afterMs ?? 0 };
        case "unavailable":
          return { status: 503, accepted: 0 };
        case "reset":
          throw connectionReset();
        case "hang":
          await silence(Number.POSITIVE_INFINITY, signal);
          break;
        case "slow":
          await silence(fault.ms, signal);
          break;
        case "lost_reply":
          store(name, body);
          throw connectionReset();
        case "expired":
          return { status: 401, expired: true };
        case "partial":
          store(`${name}+${fault.events}`, leadingLines(body, fault.events));
          return { status: 503, accepted: fault.events };
        case "refuses":
          return { status: 422, refused: fault.indexes };
        case "denied":
          return { status: 403 };
        case "missing":
          return { status: 404 };
        case "full":
          return { status: 507 };
      }
      return { status: 200, present: store(name, body) };
    },
    received() {
      const names = [...objects.keys()].filter((name) => !name.startsWith("_"));
      return names.map((name) => ndjsonBatch(name, objects.get(name) as Uint8Array));
    },
    script(faults) {
      script = faults.flatMap((fault) =>
        Array.from({ length: "times" in fault ? (fault.times ?? 1) : 1 }, () => fault),
      );
    },
  };
}

/** The fault of the next request: a state stays, anything else is over with it. */
function nextFault(script: Fault[]): Fault | undefined {
  const [next] = script;
  const lasts = next?.kind === "denied" || next?.kind === "missing" || next?.kind === "full";
  return lasts ? next : script.shift();
}

function connectionReset(): Error {
  return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
}

/** Says nothing for so long; rejects with the signal's reason when it is aborted first. */
function silence(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = Number.isFinite(ms) ? setTimeout(resolve, ms) : undefined;
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

function leadingLines(body: Uint8Array, count: number): Uint8Array {
  let end = 0;
  for (let line = 0; line < count; line++) end = body.indexOf(0x0a, end) + 1;
  return body.subarray(0, end);
}
