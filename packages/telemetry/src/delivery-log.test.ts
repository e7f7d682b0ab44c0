import { createHeadgate, type LogFields, type Logger, memoryStore } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { logDeliveries } from "./delivery-log.ts";
import { joinedObservers } from "./joined-observers.ts";
import { pinoLogger } from "./pino-logger.ts";
import { type Mood, moodySink } from "./testing/moody-sink.ts";

type Line = readonly [level: string, message: string, fields: LogFields];

function recorded(): { readonly logger: Logger; readonly lines: Line[] } {
  const lines: Line[] = [];
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push([level, message, fields as LogFields]);
  const logger = pinoLogger({ debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") });
  return { logger, lines };
}

async function linesOf(mood: Mood, words = "No."): Promise<Line[]> {
  const { logger, lines } = recorded();
  const sink = moodySink();
  Object.assign(sink, { mood, words });
  await using headgate = createHeadgate({
    store: memoryStore(),
    sinks: [sink.definition],
    observer: logDeliveries(logger),
    alerts: { auditLog: false },
  });
  const event = { action: "a.b", actor: { type: "user", id: "u" }, metadata: { note: "a private matter" } };
  await headgate.append("org", [event, event]);
  await headgate.streams.create("org", { id: "s", sink: "moody", options: { place: "s" } });
  await headgate.drain({ patienceMs: 0 });
  return lines;
}

describe("logDeliveries", () => {
  it("names stream and chunk of what was delivered", async () => {
    expect(await linesOf("takes")).toEqual([
      [
        "debug",
        "a request was delivered",
        {
          stream: "s",
          chunk: "s/1-2/0",
          status: "delivered",
          first_sequence: 1,
          last_sequence: 2,
          events: 2,
          delivered: 2,
          quarantined: 0,
          bytes: expect.any(Number) as number,
          ms: expect.any(Number) as number,
          attempt: 1,
          receipt: "s/1-2/0",
        },
      ],
    ]);
  });

  it("names them, and the code, of what was not", async () => {
    const [line] = await linesOf("denies");
    expect(line).toMatchObject(["info", "a request was not delivered", { stream: "s", chunk: "s/1-2/0" }]);
    expect(line?.[2]).toMatchObject({ status: "blocked", code: "access_denied", delivered: 0 });
  });

  it("shows no event, and nothing that a destination wrote", async () => {
    for (const mood of ["takes", "refuses odd", "fails", "denies"] as const) {
      const lines = await linesOf(mood, "Token hunter2 is unknown.");
      expect(lines.length).toBeGreaterThan(0);
      expect(JSON.stringify(lines)).not.toMatch(/hunter2|private|a\.b/);
    }
  });
});

describe("joinedObservers", () => {
  it("tells all of them, also where one throws", () => {
    const told: string[] = [];
    const observer = joinedObservers(
      { health: (stream) => void told.push(`first ${stream}`) },
      {
        health() {
          throw new Error("broken");
        },
      },
      {},
      { health: (stream) => void told.push(`last ${stream}`) },
    );
    const tell = (): void => observer.health?.("s", { state: "active", since: 0, consecutiveFailures: 0 });
    expect(tell).toThrow("broken");
    expect(told).toEqual(["first s", "last s"]);
  });
});
