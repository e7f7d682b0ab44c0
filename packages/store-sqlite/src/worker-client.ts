import { Worker } from "node:worker_threads";
import { HeadgateError } from "@headgate/core";
import type { OperationName, Operations, Reply, Request, WireError } from "./protocol.ts";

/** The main thread's side of the worker. */
export interface WorkerClient {
  /** Asks the worker. Buffers in `transfer` move to it and are gone here. */
  call<Name extends OperationName>(
    name: Name,
    args: Parameters<Operations[Name]>,
    transfer?: readonly ArrayBuffer[],
  ): Promise<ReturnType<Operations[Name]>>;
  /** Ends the worker's thread. */
  end(): Promise<void>;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: HeadgateError) => void;
}

function toError({ code, message, hint }: WireError): HeadgateError {
  return new HeadgateError(code, message, hint === undefined ? {} : { hint });
}

/** Starts the worker. It keeps the process alive only while something is asked of it. */
export function startWorker(path: string): WorkerClient {
  const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
  // Options of the main thread (loaders, conditions) are not for this one: it loads nothing but its own files.
  const worker = new Worker(new URL(file, import.meta.url), {
    name: "headgate-sqlite",
    execArgv: [],
    // Its objects live for one request; left alone, the young generation grows to three times 32 MiB.
    resourceLimits: { maxYoungGenerationSizeMb: 24 },
  });
  worker.unref();
  const waiting = new Map<number, Waiting>();
  let requests: Request[] = [];
  let transfers: ArrayBuffer[] = [];
  let asked = 0;
  let lost: HeadgateError | undefined;

  function lose(cause: unknown): void {
    lost ??= new HeadgateError("store_unavailable", `The thread of the store ${path} has ended.`, {
      hint: "Open the store again; what was acknowledged is safe.",
      cause,
    });
    for (const { reject } of waiting.values()) reject(lost);
    waiting.clear();
  }

  worker.on("message", (replies: readonly Reply[]) => {
    for (const { id, value, error } of replies) {
      const one = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) one?.resolve(value as never);
      else one?.reject(toError(error));
    }
    if (waiting.size === 0) worker.unref();
  });
  worker.on("error", lose);
  worker.on("exit", () => lose(undefined));

  function send(): void {
    worker.postMessage(requests, transfers);
    requests = [];
    transfers = [];
  }

  return {
    call(name, args, transfer = []) {
      return new Promise((resolve, reject) => {
        if (lost !== undefined) {
          reject(lost);
          return;
        }
        // All that is asked in one turn travels as one message.
        if (requests.length === 0) queueMicrotask(send);
        if (waiting.size === 0) worker.ref();
        const id = (asked += 1);
        waiting.set(id, { resolve, reject });
        requests.push({ id, name, args });
        transfers.push(...transfer);
      });
    },
    async end() {
      await worker.terminate();
    },
  };
}
