import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import { storeWorker } from "./store-worker.ts";
import type { Request } from "./protocol.ts";

const port = parentPort;
if (port === null) throw new Error("this file runs as a worker of the SQLite store");

/** Requests that arrive while a transaction is being written go into the next one, up to so many. */
const maxRequests = 4096;

const worker = storeWorker();

port.on("message", (first: readonly Request[]) => {
  const requests = [...first];
  while (requests.length < maxRequests) {
    const next: { readonly message: readonly Request[] } | undefined = receiveMessageOnPort(port);
    if (next === undefined) break;
    requests.push(...next.message);
  }
  const { replies, transfers } = worker.serve(requests);
  port.postMessage(replies, transfers);
});
