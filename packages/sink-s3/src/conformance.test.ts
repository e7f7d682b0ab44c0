import { sinkConformance } from "@headgate/sink-testkit";
import type { Fault, SinkHarness } from "@headgate/sink-testkit";
import { s3Faults } from "@headgate/sink-testkit/s3";
import type { S3Fault, S3Server } from "@headgate/sink-testkit/s3";
import { describe, test } from "vitest";
import type { S3SinkOptions } from "./options.ts";
import { s3Sink } from "./s3-sink.ts";
import { bucket, externalId, platform, startFake } from "./testing/fake.ts";
import { receivedObjects } from "./testing/received.ts";

const always = Number.MAX_SAFE_INTEGER;

/** How the in-process server plays the kit's faults. */
function play(server: S3Server, fault: Fault): void {
  const add = (played: S3Fault, times = "times" in fault ? (fault.times ?? 1) : 1): void =>
    server.faults.add({ ...played, times });
  switch (fault.kind) {
    case "busy":
      return add({ ...s3Faults.slowDown, headers: { "retry-after": String(Math.ceil((fault.afterMs ?? 0) / 1000)) } });
    case "unavailable":
      return add(s3Faults.internalError);
    case "reset":
      return add(s3Faults.cutBeforeStoring);
    case "hang":
      return add(s3Faults.hang);
    case "slow":
      return add({ kind: "slow", ms: fault.ms });
    case "lost_reply":
      return add(s3Faults.cutAfterStoring);
    case "expired":
      return server.expireSessions();
    case "denied":
      return add({ kind: "error", status: 403, code: "AccessDenied" }, always);
    case "missing":
      return add({ kind: "error", status: 404, code: "NoSuchBucket" }, always);
    case "full":
      return add({ kind: "error", status: 507, code: "XMinioStorageFull" }, always);
    case "partial":
    case "refuses":
      throw new Error(`S3 cannot play ${fault.kind}: an object is in or not.`);
  }
}

function harness(options: Partial<S3SinkOptions>): SinkHarness {
  return {
    faults: ["busy", "unavailable", "reset", "hang", "slow", "lost_reply", "expired", "denied", "missing", "full"],
    secrets: [platform.secretAccessKey, externalId],
    tenancy: {
      definition: s3Sink(),
      options: { bucket, credentials: { assumeRole: { roleArn: "arn:aws:iam::444455556666:role/Acme", externalId } } },
    },
    async open() {
      const fake = await startFake();
      return {
        create: (overrides = {}) => {
          const { timeoutMs } = overrides;
          const timeouts = timeoutMs === undefined ? {} : { timeouts: { requestMs: timeoutMs } };
          return fake.sink({ ...options, ...timeouts }, overrides);
        },
        received: () => receivedObjects(fake.server.objects(bucket)),
        script(faults) {
          fake.server.faults.clear();
          for (const fault of faults) play(fake.server, fault);
        },
        [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
      };
    },
  };
}

describe("s3Sink on the in-process server", () => {
  sinkConformance({ test, harness: harness({}) });
});

describe("s3Sink with gzip and encryption on the in-process server", () => {
  sinkConformance({
    test,
    harness: harness({ compression: "gzip", encryption: { mode: "sse-s3" } }),
  });
});
