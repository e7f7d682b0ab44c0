import { createHash } from "node:crypto";
import type { AuditEvent } from "../event.ts";
import { hourOf } from "../time.ts";
import type { Chunk, DeliveryResult, Sink, SinkDefinition, SinkLimits } from "../sink.ts";

/** How the destination treats one request. */
export type Behaviour = "store" | "store-lose-reply" | "busy" | "blocked" | "throw" | "hang" | "accept-half";

/** A destination in memory: content-addressed objects as in S3, or requests in order as in a log intake. */
export interface Bucket {
  readonly definition: SinkDefinition<
    "bucket",
    {
      readonly hour?: boolean;
      readonly limits?: Partial<SinkLimits>;
      readonly flush?: Partial<Sink["flush"]>;
      readonly host?: string;
      readonly encoding?: string;
    }
  >;
  /** Asked before each request. @default always "store" */
  behave: (chunk: Chunk) => Behaviour;
  /** Events that it refuses for good. @default none */
  poison: (event: AuditEvent) => boolean;
  readonly objects: Map<string, Uint8Array>;
  readonly requests: {
    readonly stream: string;
    readonly key: string;
    readonly bytes: number;
    readonly count: number;
  }[];
  /** Events as the destination has them, per stream. */
  events(stream: string): AuditEvent[];
}

export function bucket(kind: "objects" | "log" = "objects"): Bucket {
  const objects = new Map<string, Uint8Array>();
  const requests: Bucket["requests"] = [];
  let appended = 0;

  function put(chunk: Chunk, body: Uint8Array): void {
    const name = kind === "objects" ? createHash("sha1").update(body).digest("hex") : String((appended += 1));
    objects.set(`${chunk.stream}/${name}`, body.slice());
  }

  const self: Bucket = {
    behave: () => "store",
    poison: () => false,
    objects,
    requests,
    events(stream) {
      const lines = [...objects]
        .filter(([key]) => key.startsWith(`${stream}/`))
        .flatMap(([, body]) => new TextDecoder().decode(body).split("\n").filter(Boolean));
      return lines.map((line) => JSON.parse(line) as AuditEvent);
    },
    definition: {
      type: "bucket",
      schema: {},
      fromConfig: () => ({}),
      create: (options) => ({
        name: "bucket",
        acknowledgement: kind === "objects" ? "stored" : "accepted",
        partition: options.hour === true ? "hour" : "none",
        host: options.host ?? "bucket.test",
        limits: { maxEvents: 1000, maxBytes: 1_000_000, maxEventBytes: 100_000, concurrency: 1, ...options.limits },
        flush: { maxAgeMs: 5000, maxBytes: 10_000_000, maxEvents: 100_000, ...options.flush },
        encoding: options.encoding ?? "v1",
        async deliver(chunk, { signal }): Promise<DeliveryResult> {
          requests.push({ stream: chunk.stream, key: chunk.key, bytes: chunk.body.length, count: chunk.count });
          const lines = new TextDecoder().decode(chunk.body).split("\n").filter(Boolean);
          if (lines.length !== chunk.count) throw new Error("a chunk's count is wrong");
          const hours = new Set(lines.map((line) => hourOf(Date.parse((JSON.parse(line) as AuditEvent).occurred_at))));
          if (options.hour === true && (hours.size !== 1 || !hours.has(chunk.hour ?? -1)))
            throw new Error("a chunk crosses the hour");
          const poisoned = lines.flatMap((line, i) => (self.poison(JSON.parse(line) as AuditEvent) ? [i] : []));
          const behaviour = self.behave(chunk);
          if (poisoned.length > 0 && behaviour.startsWith("store")) {
            return { status: "rejected", indexes: poisoned, error: { code: "event_refused", message: "Bad events." } };
          }
          switch (behaviour) {
            case "store":
              put(chunk, chunk.body);
              return { status: "delivered", receipt: chunk.key };
            case "store-lose-reply":
              put(chunk, chunk.body);
              return { status: "retry", error: { code: "destination_unreachable", message: "The reply was lost." } };
            case "busy":
              return { status: "retry", afterMs: 2000, error: { code: "destination_busy", message: "Busy." } };
            case "blocked":
              return { status: "blocked", error: { code: "access_denied", message: "Denied." } };
            case "accept-half": {
              const half = chunk.count >> 1;
              if (half > 0) put(chunk, Buffer.from(`${lines.slice(0, half).join("\n")}\n`));
              return {
                status: "retry",
                acceptedCount: half,
                error: { code: "destination_busy", message: "Half of it." },
              };
            }
            case "throw":
              throw new Error("token=s3cr3t");
            case "hang":
              return new Promise((_resolve, reject) => {
                const stop = (): void => reject(signal.reason as Error);
                if (signal.aborted) stop();
                else signal.addEventListener("abort", stop, { once: true });
              });
          }
        },
        async [Symbol.asyncDispose]() {},
      }),
    },
  };
  return self;
}
