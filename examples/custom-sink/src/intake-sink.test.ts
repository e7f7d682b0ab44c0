import { secret } from "@headgate/core";
import {
  faultServer,
  httpFault,
  ndjsonBatch,
  type ReceivedBatch,
  sinkConformance,
  sinkContext,
} from "@headgate/sink-testkit";
import { describe, test } from "vitest";
import { intakeSink } from "./intake-sink.ts";

const token = "intake-token-4711";

describe("a third party's sink", () => {
  sinkConformance({
    test,
    harness: {
      faults: ["busy", "unavailable", "reset", "slow", "lost_reply", "denied", "missing"],
      secrets: [token],
      verifies: false,
      async open() {
        const bodies: ReceivedBatch[] = [];
        const server = await faultServer(({ headers, body }) => {
          if (headers["authorization"] !== `Bearer ${token}`) return { status: 401 };
          bodies.push(ndjsonBatch(`request ${bodies.length}`, body));
          return { status: 202 };
        });
        return {
          create: (overrides = {}) =>
            intakeSink({ insecure: true }).create({ url: server.url, token: secret(token) }, sinkContext(overrides)),
          received: () => bodies,
          script: (faults) => server.script(faults.flatMap((fault) => httpFault(fault) ?? [])),
          [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
        };
      },
    },
  });
});
