import { createHash } from "node:crypto";
import type { StoredObject } from "../checkpoint.ts";
import { digestKey } from "../digest.ts";
import type { AuditEvent } from "../event.ts";
import { hourOf } from "../time.ts";
import type { Chunk, DeliveryResult, OutgoingDigest, Sink, SinkDefinition, SinkLimits } from "../sink.ts";

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
  /** Asked before each digest. @default always "store" */
  behaveToDigest: (digest: OutgoingDigest) => Behaviour;
  /** Events that it refuses for good. @default none */
  poison: (event: AuditEvent) => boolean;
  readonly objects: Map<string, Uint8Array>;
  /** The files of digests, where it stores objects; as events they are among the others. */
  readonly digests: Map<string, Uint8Array>;
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
  const digests = new Map<string, Uint8Array>();
  const requests: Bucket["requests"] = [];
  let appended = 0;

  function put(chunk: Chunk, body: Uint8Array): Pick<StoredObject, "key" | "sha1" | "sha256" | "bytes"> | undefined {
    const [sha1, sha256] = ["sha1", "sha256"].map((name) => createHash(name).update(body).digest("hex"));
    const key = `${chunk.stream}/${kind === "objects" ? sha1 : String((appended += 1))}`;
    objects.set(key, body.slice());
    if (kind === "log" || sha1 === undefined || sha256 === undefined) return undefined;
    return { key, sha1, sha256, bytes: body.length };
  }

  /** Whether there was one under its key before: that one stays. */
  function putDigest({ key, bytes }: OutgoingDigest): boolean {
    const present = digests.has(key);
    if (!present) digests.set(key, bytes.slice());
    return present;
  }

  const self: Bucket = {
    behave: () => "store",
    behaveToDigest: () => "store",
    poison: () => false,
    objects,
    digests,
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
            case "store": {
              const object = put(chunk, chunk.body);
              return { status: "delivered", receipt: chunk.key, ...(object && { object }) };
            }
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
        digests:
          kind === "log"
            ? "events"
            : {
                key: (chain, number) => digestKey({ prefix: "", ...chain }, number),
                async deliver(digest) {
                  const behaviour = self.behaveToDigest(digest);
                  const present = behaviour.startsWith("store") && putDigest(digest);
                  if (behaviour === "store") return { status: "delivered", receipt: digest.key, present };
                  if (behaviour === "throw") throw new Error("token=s3cr3t");
                  const status = behaviour === "blocked" ? "blocked" : "retry";
                  return { status, error: { code: "destination_busy", message: "Not now." } };
                },
              },
        async [Symbol.asyncDispose]() {},
      }),
    },
  };
  return self;
}
