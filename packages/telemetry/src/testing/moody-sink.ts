import type { DeliveryResult, SinkDefinition } from "@headgate/core";

/** How a destination answers. */
export type Mood = "takes" | "refuses odd" | "fails" | "denies";

/** A destination in memory that answers as it is told to. */
export interface MoodySink {
  readonly definition: SinkDefinition<"moody", { readonly place: string }>;
  mood: Mood;
  /** What a destination may say of itself, a secret among it. */
  words: string;
}

export function moodySink(): MoodySink {
  const answer = (sequences: readonly number[], key: string): DeliveryResult => {
    const error = (code: "event_refused" | "destination_failed" | "access_denied") => ({ code, message: sink.words });
    switch (sink.mood) {
      case "takes":
        return { status: "delivered", receipt: key };
      case "refuses odd": {
        const indexes = sequences.flatMap((sequence, i) => (sequence % 2 === 1 ? [i] : []));
        if (indexes.length === 0) return { status: "delivered", receipt: key };
        return { status: "rejected", indexes, error: error("event_refused") };
      }
      case "fails":
        return { status: "retry", error: error("destination_failed") };
      case "denies":
        return { status: "blocked", error: error("access_denied") };
    }
  };
  const sink: MoodySink = {
    mood: "takes",
    words: "No.",
    definition: {
      type: "moody",
      schema: { type: "object" },
      fromConfig: () => ({ place: "" }),
      location: ({ place }) => place,
      create: () => ({
        name: "moody",
        acknowledgement: "stored",
        partition: "none",
        host: "moody",
        limits: { maxEvents: 1000, maxBytes: 1 << 20, maxEventBytes: 1 << 18, concurrency: 1 },
        flush: { maxAgeMs: 5, maxBytes: 1 << 20, maxEvents: 1000 },
        encoding: "ndjson/1",
        deliver: async ({ sequences, key }) => answer([...sequences], key),
        async [Symbol.asyncDispose]() {},
      }),
    },
  };
  return sink;
}
